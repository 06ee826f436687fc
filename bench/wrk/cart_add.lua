-- One piece into a new cart each time, so that no cart grows to its limit. The argument makes the
-- sessions of this run different from those of others.

dofile("report.lua")

local count = 0
local run

function init(arguments)
   run = arguments[1]
   wrk.method = "POST"
   wrk.headers["Content-Type"] = "application/json"
end

function request()
   count = count + 1
   return wrk.format(nil, nil, nil, string.format(
      '{"product_id":%d,"quantity":1,"session_id":"%s-%d"}', count % 50 + 1, run, count))
end
