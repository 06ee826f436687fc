-- An order of two products each time, by one of a thousand buyers.

dofile("report.lua")

local count = 0

function init()
   wrk.method = "POST"
   wrk.headers["Content-Type"] = "application/json"
end

function request()
   count = count + 1
   return wrk.format(nil, nil, nil, string.format(
      '{"customer_name":"Bench Buyer","customer_email":"buyer%d@example.com",' ..
      '"shipping_address":"1 Bench Street","payment_method":"credit_card",' ..
      '"items":[{"product_id":%d,"quantity":1},{"product_id":%d,"quantity":1}]}',
      count % 1000, count % 50 + 1, (count + 7) % 50 + 1))
end
