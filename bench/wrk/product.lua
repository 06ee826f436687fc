-- One product after another.

dofile("report.lua")

local count = 0
local requests = {}

function init()
   for id = 1, 50 do
      requests[id] = wrk.format("GET", "/api/products/" .. id)
   end
end

function request()
   count = count + 1
   return requests[count % 50 + 1]
end
