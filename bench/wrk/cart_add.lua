-- One piece into a new cart each time, so that no cart grows to its limit.

dofile("report.lua")

local count = 0

function init()
   wrk.method = "POST"
   wrk.headers["Content-Type"] = "application/json"
end

function request()
   count = count + 1
   return wrk.format(nil, nil, nil, string.format(
      '{"product_id":%d,"quantity":1}', count % 50 + 1))
end
