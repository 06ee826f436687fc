"""Every route of the contract: what it gives, to whom, with which statuses and headers.

What replies look like is said by the document of each service (support/described.py), which is held against every
answer here. ROUTES says which route gives which of its schemas, to whom and for what body.
"""

import decimal
import hashlib
import json
import pathlib
import re
import secrets
import time
import unittest

from support.described import Described, judged
from support.harness import Instance, checkout_body, moment, patience
from support.wrong_requests import wrong_requests

ANYONE = None
SHOP_ROLES = {"user", "manager", "admin", "analyst", "support", "service"}
SHOP_PEOPLE = SHOP_ROLES - {"service"}
SHOP_STAFF = SHOP_PEOPLE - {"user"}
SHOP_AGENTS = SHOP_STAFF - {"analyst"}
CRM_ROLES = {"user", "viewer", "support", "analyst", "manager", "admin", "chaos-operator", "service"}
CRM_READERS = {"viewer", "support", "analyst", "manager", "admin", "service"}
CRM_WRITERS = {"admin", "manager", "service"}
CRM_HELPERS = {"admin", "manager", "support"}
CASHIERS = {"admin", "manager"}
REPORTERS = {"admin", "manager", "analyst"}

OPERATORS = {"admin", "service"}
SIGN_IN = {"username": "ADMIN", "password": "correct-horse-battery"}

REPORT = {"name": "Best of all", "query": "best_customers", "parameters": {"since": "2020-01-01"}}

# Service, method, path, who may call it, shape of the reply, body. {order} and so on are filled in
# with rows that the test has made. Together the rows of a route have all parameters that it takes.
ROUTES = [
    ("shop", "GET", "/health", ANYONE, "Health", None),
    ("shop", "GET", "/ready", ANYONE, "ShopReady", None),
    ("shop", "GET", "/openapi.json", ANYONE, "OpenApiDocument", None),
    ("shop", "GET", "/api/observability/sessions", OPERATORS, "DbSessionList", None),
    ("shop", "GET", "/api/observability/pools", OPERATORS, "DbPoolList", None),
    ("shop", "POST", "/api/auth/login", ANYONE, "ShopLoginResponse", SIGN_IN),
    ("shop", "GET", "/api/auth/profile", SHOP_PEOPLE, "ShopProfile", None),
    ("shop", "GET", "/api/products?search=drone&category=&sort_by=nonsense&order=desc&limit=3"
                    "&offset=0", ANYONE, "ProductList", None),
    ("shop", "GET", "/api/products/1", ANYONE, "StorefrontProduct", None),
    ("shop", "GET", "/api/categories", ANYONE, "Categories", None),
    ("shop", "GET", "/api/shop/featured", ANYONE, "Featured", None),
    ("shop", "GET", "/api/shop/storefront", ANYONE, "Storefront", None),
    ("shop", "POST", "/api/shop/checkout", ANYONE, "CheckoutResponse", "purchase"),
    ("shop", "POST", "/api/shop/checkout", ANYONE, "CheckoutResponse", "purchase of a cart"),
    ("shop", "GET", "/api/cart?session_id={cart}", ANYONE, "Cart", None),
    ("shop", "POST", "/api/cart/add", ANYONE, "CartAdded", {"product_id": 2, "quantity": -3}),
    ("shop", "DELETE", "/api/cart/{line}?session_id={cart}", ANYONE, "CartRemoved", None),
    ("shop", "GET", "/api/orders?limit=5&offset=0&status=processing", SHOP_ROLES, "ShopOrderList",
     None),
    ("shop", "GET", "/api/orders?updated_since=2020-01-01T00:00:00Z&limit=5", SHOP_ROLES,
     "ShopOrderList", None),
    ("shop", "GET", "/api/orders?cursor={cursor}", SHOP_ROLES, "ShopOrderList", None),
    ("shop", "GET", "/api/orders?customer_id=1", SHOP_ROLES - {"user"}, "ShopOrderList", None),
    ("shop", "POST", "/api/orders", SHOP_PEOPLE, "OrderCreated", "own purchase"),
    ("shop", "POST", "/api/orders", SHOP_PEOPLE, "OrderCreated", "own purchase of a cart"),
    ("shop", "GET", "/api/orders/{order}", SHOP_ROLES - {"user"}, "ShopOrder", None),
    ("shop", "GET", "/api/analytics/security/events?limit=5&offset=0&severity=medium&attack_type=idor"
                    "&since=2020-01-01T00:00:00Z", {"admin", "analyst", "support"}, "SecurityEventList",
     None),
    ("shop", "GET", "/api/analytics/geo?region=eu-west-1", ANYONE, "GeoList", None),
    ("shop", "GET", "/api/analytics/funnel", ANYONE, "Funnel", None),
    ("shop", "POST", "/api/analytics/track", ANYONE, "PageViewTracked", {"page": "/x" * 200}),
    ("shop", "POST", "/api/integrations/crm/sync-order", {"service"}, "SyncOrderResult", "sync order"),
    ("shop", "GET", "/api/observability/360", ANYONE, "Shop360", None),
    ("shop", "GET", "/api/observability/360/app-health", ANYONE, "AppHealth", None),
    ("shop", "GET", "/api/observability/360/db-health", ANYONE, "DbHealth", None),
    ("shop", "GET", "/api/observability/360/security", ANYONE, "ShopSecuritySummary", None),
    ("shop", "GET", "/api/services/catalog?category=Maintenance&limit=5&sort=name", ANYONE, "ServiceList", None),
    ("shop", "GET", "/api/services/catalog?limit=1&cursor={next}", ANYONE, "ServiceList", None),
    ("shop", "GET", "/api/admin/services?category=Maintenance&status=active&limit=5&sort=price", {"admin"},
     "ServiceList", None),
    ("shop", "GET", "/api/admin/services?limit=1&cursor={next}", {"admin"}, "ServiceList", None),
    ("shop", "POST", "/api/admin/services", {"admin"}, "Service",
     {"name": "Night Flights", "sku": "srv-901", "price": 10}),
    ("shop", "GET", "/api/admin/services/1", {"admin"}, "Service", None),
    ("shop", "PUT", "/api/admin/services/2", {"admin"}, "Service",
     {"name": "Single Aircraft Check", "sku": "SRV-002", "price": 310}),
    ("shop", "GET", "/api/products/2/reviews?rating=5&limit=5&sort=-rating", ANYONE, "ReviewList", None),
    ("shop", "POST", "/api/products/2/reviews", ANYONE, "ReviewCreated", {"rating": 4, "comment": "Still flies"}),
    ("shop", "GET", "/api/products/2/reviews?limit=1&cursor={next}", ANYONE, "ReviewList", None),
    ("shop", "POST", "/api/shop/coupon/apply", ANYONE, "CouponResult", {"code": "FIRSTFLIGHT", "subtotal": 100}),
    ("shop", "POST", "/api/shop/coupon/apply", ANYONE, "CouponResult", {"code": "NOBODY", "subtotal": "1.5"}),
    ("shop", "GET", "/api/admin/coupons?status=active&limit=5&sort=-created_at", {"admin"}, "CouponList", None),
    ("shop", "GET", "/api/admin/coupons?limit=1&cursor={next}", {"admin"}, "CouponList", None),
    ("shop", "POST", "/api/admin/coupons", {"admin"}, "Coupon", {"code": "ROTOR", "discount_percent": 5}),
    ("shop", "GET", "/api/admin/coupons/1", {"admin"}, "Coupon", None),
    ("shop", "PUT", "/api/admin/coupons/2", {"admin"}, "Coupon", {"code": "FLEETDEAL", "discount_percent": 15}),
    ("shop", "GET", "/api/shop/locations?limit=5&sort=-created_at", ANYONE, "LocationList", None),
    ("shop", "GET", "/api/shop/locations?limit=1&cursor={next}", ANYONE, "LocationList", None),
    ("shop", "GET", "/api/admin/shops?status=all&limit=5&sort=name", {"admin"}, "LocationList", None),
    ("shop", "GET", "/api/admin/shops?limit=1&cursor={next}", {"admin"}, "LocationList", None),
    ("shop", "POST", "/api/admin/shops", {"admin"}, "Location", {"name": "Drone Shop Oslo", "address": "Oslo"}),
    ("shop", "GET", "/api/admin/shops/1", {"admin"}, "Location", None),
    ("shop", "PUT", "/api/admin/shops/2", {"admin"}, "Location", {"name": "Drone Shop Norfolk", "address": "Norfolk"}),
    ("shop", "GET", "/api/shipping?status=delivered&carrier=dhl&order_id=1&limit=5&sort=-created_at", SHOP_ROLES,
     "ShipmentList", None),
    ("shop", "GET", "/api/shipping?limit=1&cursor={next}", SHOP_ROLES, "ShipmentList", None),
    ("shop", "GET", "/api/shipping/by-region?region=eu-central-1&status=delivered&carrier=dhl&order_id=1&limit=5"
                    "&sort=-created_at", SHOP_ROLES, "ShipmentList", None),
    ("shop", "GET", "/api/shipping/by-region?region=eu-central-1&limit=1&cursor={next}", SHOP_ROLES, "ShipmentList",
     None),
    ("shop", "GET", "/api/shipping/warehouses?region=us-east-1&limit=5&sort=name", ANYONE, "WarehouseList", None),
    ("shop", "GET", "/api/shipping/warehouses?limit=1&cursor={next}", ANYONE, "WarehouseList", None),
    ("shop", "GET", "/api/shipping/1", SHOP_ROLES - {"user"}, "TrackedParcel", None),
    ("shop", "POST", "/api/shipping/{parcel}/status", SHOP_AGENTS, "TrackedParcel", {"status": "shipped"}),
    ("shop", "GET", "/api/services/tickets?customer_id=1&status=resolved&priority=high&limit=5&sort=created_at",
     SHOP_STAFF, "TicketList", None),
    ("shop", "GET", "/api/services/tickets", SHOP_PEOPLE, "TicketList", None),
    ("shop", "GET", "/api/services/tickets?limit=1&cursor={next}", SHOP_PEOPLE, "TicketList", None),
    ("shop", "POST", "/api/services/tickets", SHOP_AGENTS | {"user"}, "TicketCreated", "ticket"),
    ("shop", "GET", "/api/services/tickets/1", SHOP_STAFF, "Ticket", None),
    ("shop", "PATCH", "/api/services/tickets/1", SHOP_AGENTS, "Ticket", {"priority": "low"}),
    ("shop", "GET", "/api/services/tickets/1/messages?limit=5&sort=-created_at", SHOP_STAFF, "TicketMessageList", None),
    ("shop", "GET", "/api/services/tickets/1/messages?limit=1&cursor={next}", SHOP_STAFF, "TicketMessageList", None),
    ("shop", "POST", "/api/services/tickets/1/messages", SHOP_AGENTS, "TicketMessage", {"content": "Look again"}),
    ("shop", "GET", "/api/admin/products?search=a&category=Accessories&status=active&limit=5&sort=stock", {"admin"},
     "AdminProductList", None),
    ("shop", "GET", "/api/admin/products?limit=1&cursor={next}", {"admin"}, "AdminProductList", None),
    ("shop", "POST", "/api/admin/products", {"admin"}, "Product", {"name": "Spare Part", "sku": "acc-901", "price": 1}),
    ("shop", "GET", "/api/admin/products/1", {"admin"}, "Product", None),
    ("shop", "PUT", "/api/admin/products/56", {"admin"}, "Product",
     {"name": "Ground Control Station", "sku": "GCS-001", "price": 18000}),
    ("shop", "GET", "/api/admin/customers?search=a&limit=5&sort=-created_at", {"admin"}, "CustomerList", None),
    ("shop", "GET", "/api/admin/customers?limit=1&cursor={next}", {"admin"}, "CustomerList", None),
    ("shop", "POST", "/api/admin/customers", {"admin"}, "Customer", "customer"),
    ("shop", "GET", "/api/admin/customers/1", {"admin"}, "Customer", None),
    ("shop", "PUT", "/api/admin/customers/2", {"admin"}, "Customer", "customer"),
    ("shop", "GET", "/api/admin/orders?customer_id=1&status=completed&payment_status=paid&limit=5&sort=created_at",
     {"admin"}, "AdminOrderList", None),
    ("shop", "GET", "/api/admin/orders?limit=1&cursor={next}", {"admin"}, "AdminOrderList", None),
    ("shop", "GET", "/api/admin/audit-logs?action=order.created&username=nobody&since=2020-01-01T00:00:00Z&limit=5"
                    "&sort=-created_at", {"admin"}, "AuditLogList", None),
    ("shop", "GET", "/api/admin/audit-logs?limit=1&cursor={next}", {"admin"}, "AuditLogList", None),
    ("shop", "GET", "/api/admin/config", {"admin"}, "ConfigView", None),
    ("shop", "GET", "/api/admin/users?role=admin&status=active&search=a&limit=5&sort=id", {"admin"}, "AdminUserList", None),
    ("shop", "GET", "/api/admin/users?limit=1&cursor={next}", {"admin"}, "AdminUserList", None),
    ("shop", "POST", "/api/admin/users", {"admin"}, "AdminUserCreated", "new user"),
    ("shop", "GET", "/api/admin/users/{somebody}", {"admin"}, "AdminUserEnvelope", None),
    ("shop", "PATCH", "/api/admin/users/{somebody}", {"admin"}, "AdminUserEnvelope", {"is_active": False}),
    ("shop", "PATCH", "/api/admin/users/{somebody}/role", {"admin"}, "AdminUserEnvelope", {"role": "analyst"}),
    ("crm", "GET", "/health", ANYONE, "Health", None),
    ("crm", "GET", "/ready", ANYONE, "CrmReady", None),
    ("crm", "GET", "/openapi.json", ANYONE, "OpenApiDocument", None),
    ("crm", "GET", "/api/observability/sessions", OPERATORS, "DbSessionList", None),
    ("crm", "GET", "/api/observability/pools", OPERATORS, "DbPoolList", None),
    ("crm", "POST", "/api/auth/login", ANYONE, "CrmLoginResponse", SIGN_IN),
    ("crm", "GET", "/api/observability/360", ANYONE, "Crm360", None),
    ("crm", "GET", "/api/observability/360/app-health", ANYONE, "AppHealth", None),
    ("crm", "GET", "/api/observability/360/db-health", ANYONE, "DbHealth", None),
    ("crm", "GET", "/api/observability/360/security", ANYONE, "CrmSecuritySummary", None),
    ("crm", "GET", "/api/observability/360/sync-health", ANYONE, "SyncHealth", None),
    ("crm", "GET", "/api/auth/session", ANYONE, "SessionInfo", None),
    ("crm", "GET", "/api/customers?search=a&sort_by=revenue&order=desc&limit=5", CRM_READERS,
     "CustomerList", None),
    ("crm", "GET", "/api/customers?email=a%40b.example&offset=0", CRM_READERS, "CustomerList", None),
    ("crm", "POST", "/api/customers", CRM_WRITERS, "CustomerCreated", "customer"),
    ("crm", "GET", "/api/customers/1", CRM_READERS, "CustomerEnvelope", None),
    ("crm", "PUT", "/api/customers/1", CRM_WRITERS, "CustomerUpdated", {"notes": "seen"}),
    ("crm", "POST", "/api/orders/sync?full=true", CRM_WRITERS, "OrderSyncResult", None),
    ("crm", "GET", "/api/orders?status=processing&customer_id=0&backlog_only=true"
                   "&sync_status=synced&source_system=octo-drone-shop&limit=5&offset=0", CRM_READERS,
     "CrmOrderList", None),
    ("crm", "POST", "/api/orders", CRM_WRITERS, "CrmOrderCreated",
     {"customer_id": 1, "product_id": 1, "quantity": 2}),
    ("crm", "GET", "/api/orders/backlog?limit=5&offset=1", CRM_READERS, "CrmOrderList", None),
    ("crm", "GET", "/api/orders/security/summary", CRM_READERS, "OrderSecuritySummary", None),
    ("crm", "GET", "/api/orders/sync/audit?limit=5&offset=0&sync_status=success&source_order_id=1"
                   "&correlation_id=nobody", CRM_WRITERS, "OrderSyncAuditList", None),
    ("crm", "GET", "/api/orders/sync/audit?limit=5&sync_status=success",
     CRM_WRITERS, "OrderSyncAuditList", None),
    ("crm", "GET", "/api/orders/1", CRM_READERS, "CrmOrderEnvelope", None),
    ("crm", "PATCH", "/api/orders/{crm_order}/status", CRM_WRITERS, "StatusChanged",
     {"status": "queued"}),
    ("crm", "GET", "/api/products?category=none&offset=0", CRM_READERS, "CrmProductList", None),
    ("crm", "GET", "/api/products?search=drone&shop_id=0&status=all&include_inactive=true&limit=5",
     CRM_READERS, "CrmProductList", None),
    ("crm", "GET", "/api/products/1", CRM_READERS, "CrmProductEnvelope", None),
    ("crm", "GET", "/api/analytics/geo?region=eu-west-1", CRM_READERS, "GeoList", None),
    ("crm", "GET", "/api/analytics/funnel", CRM_READERS, "Funnel", None),
    ("crm", "POST", "/api/analytics/track", ANYONE, "PageViewTracked", {"load_time_ms": -5}),
    ("crm", "GET", "/api/admin/db-status", {"admin"}, "DbStatus", None),
    ("crm", "GET", "/api/invoices?status=overdue&customer_id=0&limit=2&sort=-id", CRM_READERS, "CrmInvoiceList", None),
    ("crm", "GET", "/api/invoices?limit=1&cursor={next}", CRM_READERS, "CrmInvoiceList", None),
    ("crm", "POST", "/api/invoices", CASHIERS, "CrmInvoiceCreated", "invoice"),
    ("crm", "GET", "/api/invoices/1", CRM_READERS, "CrmInvoiceEnvelope", None),
    ("crm", "POST", "/api/invoices/{invoice}/pay", CASHIERS, "InvoicePaid", None),
    ("crm", "POST", "/api/invoices/{invoice}/void", CASHIERS, "InvoiceVoided", {"reason": "made twice"}),
    ("crm", "GET", "/api/tickets?status=open&priority=medium&assigned_to=&customer_id=0&search=a&limit=1&sort=-id",
     CRM_READERS, "SupportTicketList", None),
    ("crm", "GET", "/api/tickets?limit=1&cursor={next}", CRM_READERS, "SupportTicketList", None),
    ("crm", "POST", "/api/tickets", CRM_HELPERS | {"service"}, "SupportTicketCreated", {"subject": "Late parcel"}),
    ("crm", "GET", "/api/tickets/1", CRM_READERS, "SupportTicketEnvelope", None),
    ("crm", "PATCH", "/api/tickets/1", CRM_HELPERS, "SupportTicketEnvelope", {"priority": "low", "assigned_to": ""}),
    ("crm", "POST", "/api/tickets/7/messages", CRM_HELPERS | {"service"}, "SupportTicketMessageCreated",
     {"content": "On its way."}),
    ("crm", "GET", "/api/tickets/7/messages?limit=1&sort=id", CRM_READERS, "SupportTicketMessageList", None),
    ("crm", "GET", "/api/tickets/7/messages?limit=1&cursor={next}", CRM_READERS, "SupportTicketMessageList", None),
    ("crm", "GET", "/api/reports/queries", CRM_READERS, "ReportQueryList", None),
    ("crm", "POST", "/api/reports", REPORTERS, "ReportCreated", REPORT),
    ("crm", "POST", "/api/reports", REPORTERS, "ReportCreated", REPORT),
    ("crm", "GET", "/api/reports?limit=1&sort=-id", CRM_READERS, "ReportList", None),
    ("crm", "GET", "/api/reports?limit=1&cursor={next}", CRM_READERS, "ReportList", None),
    ("crm", "GET", "/api/reports/{report}", CRM_READERS, "ReportEnvelope", None),
    ("crm", "POST", "/api/reports/execute", REPORTERS, "ReportResult", {"query": "orders", "limit": 2}),
    ("crm", "GET", "/api/reports/revenue?from=2020-01-01&to=2040-01-01", CRM_READERS, "ReportResult", None),
    ("crm", "DELETE", "/api/reports/{report}", REPORTERS, "ReportDeleted", None),
    ("crm", "GET", "/api/customers/1/overview", CRM_READERS, "CustomerOverview", None),
    ("crm", "GET", "/api/customers/1/timeline?kind=order_placed&limit=5&sort=-at", CRM_READERS, "CustomerTimeline", None),
    ("crm", "GET", "/api/customers/1/timeline?limit=1&cursor={next}", CRM_READERS, "CustomerTimeline", None),
    ("crm", "GET", "/api/admin/users?role=admin&status=active&search=a&limit=5&sort=id", {"admin"}, "AdminUserList", None),
    ("crm", "GET", "/api/admin/users?limit=1&cursor={next}", {"admin"}, "AdminUserList", None),
    ("crm", "POST", "/api/admin/users", {"admin"}, "AdminUserCreated", "new user"),
    ("crm", "GET", "/api/admin/users/{someone}", {"admin"}, "AdminUserEnvelope", None),
    ("crm", "PATCH", "/api/admin/users/{someone}", {"admin"}, "AdminUserEnvelope", {"is_active": False}),
    ("crm", "PATCH", "/api/admin/users/{someone}/role", {"admin"}, "AdminUserEnvelope", {"role": "analyst"}),
]

# Routes whose answer no shape describes, or that end their caller's session: where they are asked.
ELSEWHERE = {
    ("GET", "/"): "test_pages.py",
    ("GET", "/docs"): "test_pages.py",
    ("GET", "/assets/{name}"): "test_pages.py",
    ("GET", "/api/events/orders"): "test_events.py",
    ("GET", "/api/events/sync"): "test_events.py",
    ("GET", "/metrics"): "test_contract.py",
    ("POST", "/api/auth/logout"): "test_contract.py",
    ("GET", "/api/reports/export"): "test_reports.py",
    ("POST", "/api/reports/export"): "test_reports.py",
}

# What is wrong with a request, and the status that says so.
REFUSALS = [
    ("shop", "GET", "/api/products?limit=0", None, 422),
    ("shop", "GET", "/api/products?limit=501", None, 422),
    ("shop", "GET", "/api/products?offset=1000001", None, 422),
    ("shop", "GET", "/api/products?order=up", None, 422),
    ("shop", "GET", "/api/products?search=" + "x" * 201, None, 422),
    ("shop", "GET", "/api/products/0", None, 422),
    ("shop", "GET", "/api/products/none", None, 422),
    ("shop", "GET", "/api/products/999999", None, 404),
    ("shop", "GET", "/api/cart?session_id=a%20b", None, 422),
    ("shop", "GET", "/api/nothing", None, 404),
    ("shop", "PUT", "/api/cart/add", {}, 405),
    ("shop", "POST", "/api/cart/add", "{", 400),
    ("shop", "POST", "/api/cart/add", b"product_id=1", 415),
    ("shop", "POST", "/api/cart/add", {"product_id": "one"}, 422),
    ("shop", "POST", "/api/cart/add", {"product_id": 1, "quantity": 21}, 422),
    ("shop", "POST", "/api/cart/add", {"product_id": 999999}, 404),
    ("shop", "DELETE", "/api/cart/999999", None, 404),
    ("shop", "POST", "/api/shop/checkout", {"customer_email": "a@b.example"}, 422),
    ("shop", "POST", "/api/shop/checkout", {"items": [{"product_id": 1, "quantity": 1}]}, 422),
    ("shop", "POST", "/api/analytics/track", {"page": 7}, 422),
    ("shop", "POST", "/api/analytics/track", "[]", 422),
    ("shop", "POST", "/api/auth/login", {"username": "nobody", "password": "wrong"}, 401),
    ("shop", "POST", "/api/auth/login", {"username": "nobody"}, 422),
    ("shop", "GET", "/api/orders?status=lost", None, 422),
    ("shop", "GET", "/api/orders?cursor=made-up", None, 422),
    ("shop", "GET", "/api/orders?updated_since=yesterday", None, 422),
    ("shop", "GET", "/api/orders?customer_id=0", None, 422),
    ("shop", "GET", "/api/orders/999999", None, 404),
    ("shop", "GET", "/api/analytics/geo?region=" + "x" * 51, None, 422),
    ("shop", "POST", "/api/integrations/crm/sync-order",
     {"order_id": 1, "customer_email": "a@b.example", "total": 0.01}, 422),
    ("shop", "POST", "/api/products/999999/reviews", {"rating": 5}, 404),
    ("shop", "POST", "/api/products/1/reviews", {"rating": 6}, 422),
    ("shop", "GET", "/api/products/1/reviews?sort=colour", None, 422),
    ("shop", "GET", "/api/products/1/reviews?cursor=made-up", None, 422),
    ("shop", "POST", "/api/shop/coupon/apply", {"code": "FIRSTFLIGHT"}, 422),
    ("shop", "POST", "/api/shop/coupon/apply", {"code": "FIRSTFLIGHT", "subtotal": -1}, 422),
    ("shop", "GET", "/api/shipping/by-region", None, 422),
    ("shop", "GET", "/api/shipping?status=lost", None, 422),
    ("shop", "GET", "/api/shipping/999999", None, 404),
    ("crm", "POST", "/api/auth/login", {"username": "nobody", "password": "wrong"}, 401),
    ("crm", "GET", "/api/customers?email=nonsense", None, 422),
    ("crm", "GET", "/api/customers?sort_by=colour", None, 422),
    ("crm", "GET", "/api/customers/999999", None, 404),
    ("crm", "POST", "/api/customers", {"name": "X"}, 422),
    ("crm", "PUT", "/api/customers/999999", {"name": "X"}, 404),
    ("crm", "PUT", "/api/customers/1", {}, 422),
    ("crm", "GET", "/api/orders?sync_status=lost", None, 422),
    ("crm", "GET", "/api/orders?backlog_only=perhaps", None, 422),
    ("crm", "GET", "/api/orders/999999", None, 404),
    ("crm", "POST", "/api/orders/sync?full=perhaps", None, 422),
    ("crm", "GET", "/api/analytics/geo?region=" + "x" * 51, None, 422),
    ("crm", "PATCH", "/api/orders/999999/status", {"status": "queued"}, 404),
    ("crm", "PATCH", "/api/orders/1/status", {"status": "lost"}, 422),
    ("crm", "POST", "/api/orders", {"customer_id": 1}, 422),
    ("crm", "POST", "/api/orders", {"customer_id": 1, "items": []}, 422),
    ("crm", "POST", "/api/orders", {"customer_id": 1, "product_id": 1, "quantity": 0}, 422),
    ("crm", "POST", "/api/orders", {"customer_id": 1, "items": [{"quantity": 1}]}, 422),
    ("crm", "POST", "/api/orders", {"customer_id": 999999, "product_id": 1}, 404),
    ("crm", "POST", "/api/orders", {"customer_id": 1, "product_id": 1, "total": 1}, 422),
    ("crm", "GET", "/api/products?status=lost", None, 422),
    ("crm", "GET", "/api/products/999999", None, 404),
    ("crm", "GET", "/api/invoices?status=lost", None, 422),
    ("crm", "GET", "/api/invoices?sort=amount", None, 422),
    ("crm", "GET", "/api/invoices?cursor=made-up", None, 422),
    ("crm", "GET", "/api/invoices/999999", None, 404),
    ("crm", "POST", "/api/invoices", {"order_id": 999999}, 404),
    ("crm", "POST", "/api/invoices", {"order_id": 1, "tax_percent": 100.01}, 422),
    ("crm", "POST", "/api/invoices/1/pay", None, 409),
    ("crm", "GET", "/api/tickets?status=lost", None, 422),
    ("crm", "POST", "/api/tickets", {"subject": "x", "customer_id": 999999}, 404),
    ("crm", "PATCH", "/api/tickets/2", {"status": "open"}, 409),
    ("crm", "PATCH", "/api/tickets/1", {}, 422),
    ("crm", "POST", "/api/tickets/2/messages", {"content": "of one that is closed"}, 409),
    ("crm", "GET", "/api/customers/1/timeline?kind=birthday", None, 422),
    ("crm", "POST", "/api/admin/users", {"username": "admin", "email": "x@example.org", "password": "x" * 12}, 409),
    ("crm", "POST", "/api/admin/users", {"username": "x", "email": "x@example.org", "password": "short"}, 422),
    ("crm", "PATCH", "/api/admin/users/1", {}, 422),
    ("crm", "POST", "/api/reports", {"name": "x", "query": "nothing"}, 422),
    ("crm", "POST", "/api/reports/execute", {"query": "orders", "parameters": {"since": "soon"}}, 422),
    *(("crm", "POST", f"/api/reports/{name}", {"report_id": number}, status)
      for name in ("execute", "export") for number, status in ((999999, 404), (1, 409))),
    ("crm", "GET", "/api/reports/export?report_id=999999", None, 404),
    ("crm", "GET", "/api/reports/export?report_id=1", None, 409),
    ("crm", "GET", "/api/reports/export", None, 422),
]

# Routes of which a role sees only what is its own, and is refused the rest.
NARROWED = [
    ("/api/auth/profile", {"service"}),
    ("/api/orders", {"user"}),
    ("/api/orders/{order}", {"user"}),
    ("/api/shipping/1", {"user"}),
    ("/api/services/tickets", {"user"}),
    ("/api/services/tickets/1", {"user"}),
    ("/api/services/tickets/1/messages", {"user"}),
]
# Where that rest is not there for those who may not see it, and so answered with 404.
HIDDEN = {("/api/auth/profile", "service"),
          *((path, "user") for path, _ in NARROWED if path.startswith(("/api/shipping", "/api/services")))}

# Statuses that follow from what all routes share: a request that nobody can read, who calls, a key whose first request
# is under way, the size of a body, a service that cannot; what gives them is tried elsewhere.
UNCALLED = {"400", "401", "403", "409", "413", "503"}
ANSWERED_ELSEWHERE = {
    ("GET", "/api/auth/profile", 404),  # every route, by everybody
    ("GET", "/api/orders", 410),  # test_order_feed.py
    ("POST", "/api/auth/login", 429),  # after many failures
    ("POST", "/api/services/tickets", 404),  # test_shop_tables.py
    *((method, f"/api/reports/{name}", 429) for method, name in (  # while others run: test_reports.py
        ("POST", "execute"), ("POST", "export"), ("GET", "export"), ("GET", "revenue"))),
}

# Members of answers that are given only while something is wrong that is not wrong here.
UNSEEN = {
    "ShopReady.error", "CrmReady.error", "DbHealth.error", "AppHealth.error",  # no database, or a full disk
    "DbSessionList.note",  # a server that does not say what its sessions do
}


class Contract(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance(hunted=True))
        cls.callers, cls.described = {}, {}
        for name, roles in (("shop", SHOP_ROLES), ("crm", CRM_ROLES)):
            service = getattr(cls.instance, name)
            with service.client() as client:
                cls.described[name] = Described(client.get("/openapi.json").json)
            for role in roles | {"anonymous"}:
                client = cls.enterClassContext(cls.caller_of(service, role))
                cls.callers[name, role] = judged(client, cls.described[name])
        bought = cls.callers["shop", "anonymous"].post("/api/shop/checkout", checkout_body())
        made = cls.callers["crm", "service"].post(
            "/api/orders", {"customer_id": 1, "product_id": 1, "quantity": 1})
        parcel = cls.callers["shop", "service"].get(f"/api/shipping?order_id={bought.json['order_id']}")
        cls.order, cls.order_total = bought.json["order_id"], bought.json["total"]
        cls.instance.crm.execute("INSERT INTO reports (name, query) VALUES ('of a query that is gone', 'horoscopes')")
        feed = cls.callers["shop", "service"].get("/api/orders?updated_since=2020-01-01T00:00:00Z")
        cls.wait_for_an_event()
        for _ in range(2):
            cls.callers["crm", "service"].post("/api/tickets/7/messages", {"content": "On its way."})
        cls.rows = {"order": cls.order, "crm_order": made.json["order_id"],
                    "parcel": parcel.json["shipments"][0]["id"], "cursor": feed.json["last_cursor"]}

    @classmethod
    def wait_for_an_event(cls):
        """One of the kind that the list of attacks is asked for: it is stored when nobody waits for it any more."""
        cls.callers["shop", "anonymous"].call("DELETE", "/api/cart/999999")
        deadline = time.monotonic() + patience(30)
        while not cls.callers["shop", "admin"].get("/api/analytics/security/events?attack_type=idor").json["events"]:
            assert time.monotonic() < deadline, "no event was stored"
            time.sleep(0.01)

    @classmethod
    def caller_of(cls, service, role):
        """A client with that role; people get a session of their own in the database."""
        if role in ("anonymous", "service"):
            return service.client(internal=role == "service")
        token = secrets.token_hex(32)
        name = f"a-{role}"
        service.execute("INSERT INTO users (username, email, password_hash, role) "
                        "VALUES (?, ?, '!', ?)", name, f"{name}@example.org", role)
        service.execute("INSERT INTO user_sessions (session_id, user_id, username, role, "
                        "expires_at) SELECT ?, id, username, role, ? FROM users WHERE username = ?",
                        hashlib.sha256(token.encode()).hexdigest(), moment(time.time() + 3600), name)
        return service.client(token=token)

    def body(self, body, role):
        if isinstance(body, str) and "purchase" in body:
            of_cart = {"session_id": self.cart()[1]} if body.endswith("cart") else {}
            return checkout_body(**of_cart, **({"email": f"a-{role}@example.org"} if "own" in body else {}))
        if body == "customer":
            return {"name": "Some One", "email": f"{secrets.token_hex(8)}@example.org"}
        if body == "ticket":
            return {"title": "It drifts", "content": "To the left", **({} if role == "user" else {"customer_id": 1})}
        if body == "new user":
            name = f"u{secrets.token_hex(4)}"
            return {"username": name, "email": f"{name}@example.org", "password": SIGN_IN["password"]}
        if body == "invoice":
            return {"order_id": self.portal_order(), "tax_percent": 8.25}
        if body == "sync order":
            return {"order_id": self.order, "customer_email": "buyer@example.com",
                    "total": self.order_total}
        return body

    def next_page(self, service, path):
        """The path with the cursor that the page before gives, where it has a place for one."""
        if not path.endswith("&cursor={next}"):
            return path
        before = path.removesuffix("&cursor={next}")
        return f"{before}&cursor={self.callers[service, 'admin'].get(before).json['next_cursor']}"

    def path(self, path):
        """The path with rows filled in, of which some can be removed or changed once only."""
        rows = dict(self.rows)
        if "{cart}" in path:
            rows["line"], rows["cart"] = self.cart()
        if "{invoice}" in path:
            rows["invoice"] = self.invoice()
        for name, service in (("someone", "crm"), ("somebody", "shop")):
            if f"{{{name}}}" in path:
                rows[name] = self.user_of(service)
        if "{report}" in path:
            rows["report"] = self.callers["crm", "admin"].post("/api/reports", REPORT).json["report_id"]
        return path.format(**rows)

    def token_of(self, service):
        signed_in = self.callers[service, "anonymous"].post("/api/auth/login", SIGN_IN)
        return signed_in.json.get("token") or re.search("octo_crm=([0-9a-f]+)", signed_in.headers["set-cookie"])[1]

    def portal_order(self):
        made = self.callers["crm", "service"].post("/api/orders", {"customer_id": 1, "product_id": 1})
        return made.json["order_id"]

    def user_of(self, service):
        made = self.callers[service, "admin"].post("/api/admin/users", self.body("new user", "admin"))
        return made.json["user_id"]

    def invoice(self):
        return self.callers["crm", "admin"].post("/api/invoices", self.body("invoice", "admin")).json["invoice_id"]

    def cart(self):
        """The line and the session of a new cart."""
        added = self.callers["shop", "anonymous"].post("/api/cart/add", {"product_id": 3}).json
        return added["item"]["id"], added["session_id"]

    def assert_refused(self, answer, status):
        self.assertEqual((answer.status, answer.schema), (status, "Problem"), answer)
        self.assertEqual(answer.json["status"], status)
        if status == 401:
            self.assertIn("www-authenticate", answer.headers)
        if status == 405:
            self.assertIn("allow", answer.headers)

    def call(self, service, role, method, path, body):
        sent = self.body(body, role)
        headers = {}
        if isinstance(sent, str):
            headers["Content-Type"] = "application/json"
        if isinstance(sent, bytes):
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self.callers[service, role].call(method, self.path(self.next_page(service, path)), sent, headers=headers)

    def test_every_route_answers_those_who_may_call_it_and_nobody_else(self):
        for service, method, path, allowed, shape, body in ROUTES:
            roles = SHOP_ROLES if service == "shop" else CRM_ROLES
            for role in sorted(roles | {"anonymous"}):
                with self.subTest(f"{service} {method} {path} by {role}"):
                    answer = self.call(service, role, method, path, body)
                    if allowed is ANYONE or role in allowed:
                        self.assertEqual((answer.status, answer.schema), (200, shape), answer)
                    else:
                        self.assert_refused(answer, 401 if role == "anonymous" else
                                            404 if self.is_hidden(service, method, path, role) else 403)
            self.assert_says_who_may_call(service, method, path, allowed)

        for name, schema in (("shop", "StatusMessage"), ("crm", "SignedOut")):
            ended = self.callers[name, "anonymous"].post(
                "/api/auth/logout", headers={"Authorization": f"Bearer {self.token_of(name)}"})
            self.assertEqual((ended.status, ended.schema), (200, schema))
        for name, described in self.described.items():
            promised = {member for member in described.members() if not member.startswith("Problem")}
            self.assertEqual(promised - described.seen - UNSEEN, set(), f"no reply of the {name} had these members")

    def is_hidden(self, service, method, path, role):
        """Of who may call, but not see that."""
        described = self.described[service]
        roles = described.operations[method, described.template_of(method, path)]["x-roles"]
        return (path.split("?")[0], role) in HIDDEN and role in roles

    def assert_says_who_may_call(self, service, method, path, allowed):
        """Of a route's roles some may see less of it, as a user who asks for others' orders."""
        described = self.described[service]
        operation = described.operations[method, described.template_of(method, path)]
        ways = {name for way in operation["security"] for name in way}
        if allowed is ANYONE:
            self.assertNotIn("x-roles", operation)
            self.assertTrue({} in operation["security"] or not ways, path)
            return
        roles = set(operation["x-roles"])
        self.assertNotIn({}, operation["security"], path)
        self.assertEqual("internalServiceKey" in ways, "service" in roles, path)
        self.assertEqual("bearerAuth" in ways, roles != {"service"}, path)
        self.assertLessEqual(allowed, roles, path)
        narrowed = roles & (SHOP_ROLES if service == "shop" else CRM_ROLES) - allowed
        if narrowed:
            self.assertIn((path.split("?")[0], narrowed), NARROWED)

    def asker_of(self, service, operation):
        """Somebody who may."""
        roles = operation.get("x-roles", ["anonymous"])
        return next(self.callers[service, role] for role in ("anonymous", "service", "admin") if role in roles)

    def role_for(self, service, method, path):
        """The service's, where it may call what stands in a list without a role."""
        operation = self.described[service].operations.get((method, self.described[service].template_of(method, path)), {})
        return "service" if "service" in operation.get("x-roles", ["service"]) else "admin"

    def test_a_change_made_with_a_cookie_alone_is_refused(self):
        """Wherever the document has the cookie: a page of another site could have the browser send it."""
        for service, described in self.described.items():
            cookie = described.document["components"]["securitySchemes"]["sessionCookie"]["name"]
            for (method, path), operation in described.operations.items():
                if method != "GET" and {"sessionCookie": []} in operation["security"]:
                    answer = self.callers[service, "anonymous"].call(
                        method, path, headers={"Cookie": f"{cookie}={'0' * 64}"})
                    self.assert_refused(answer, 403)

    def test_examples_work(self):
        of_seed = dict.fromkeys(("product_id", "service_id", "coupon_id", "shop_id", "shipment_id", "ticket_id"), 1)
        rows = {"order_id": self.portal_order(), "customer_id": 1, "invoice_id": self.invoice()}
        for service, described in self.described.items():
            rows["user_id"] = self.user_of(service)
            for (method, path), operation in described.operations.items():
                example = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
                if example is not None:
                    client = self.callers[service, "anonymous" if "x-roles" not in operation else "admin"]
                    answer = client.call(method, path.format(**of_seed, **rows), example)
                    self.assertEqual(answer.status, 200, (service, method, path, answer))

    def test_examples_of_answers_are_such_answers(self):
        """Each has one, in which no text is left to chance."""
        for service, described in self.described.items():
            for (method, path), operation in described.operations.items():
                for status, response in operation["responses"].items():
                    for kind, content in described.resolve(response).get("content", {}).items():
                        if kind.endswith("json"):
                            with self.subTest(f"{service} {method} {path} {status} {kind}"):
                                self.assert_example(described, content)

    def assert_example(self, described, content):
        text = json.dumps(content["example"])
        value = json.loads(text, parse_float=lambda number: decimal.Decimal(number).quantize(decimal.Decimal("0.01")))
        described = Described(described.document)
        self.assertEqual(list(described.value_faults(value, content["schema"], "example")), [])
        self.assertNotIn('"text"', text, "a text without a row in src/service/examples.c")

    def test_a_plain_user_orders_for_himself_only(self):
        answer = self.callers["shop", "user"].post("/api/orders", checkout_body())
        self.assert_refused(answer, 422)
        without = checkout_body()
        del without["customer_email"]
        self.assert_refused(self.callers["shop", "admin"].post("/api/orders", without), 422)

    def test_what_is_wrong_is_refused_with_its_status(self):
        """That is by the document, and each status that it names of a route comes of it."""
        for service, method, path, body, status in REFUSALS:
            with self.subTest(f"{service} {method} {path} {body}"):
                answer = self.call(service, self.role_for(service, method, path), method, path, body)
                self.assert_refused(answer, status)
        for service, described in self.described.items():
            for (method, path), operation in described.operations.items():
                client = self.asker_of(service, operation)
                for wrong, status in wrong_requests(described, path, operation):
                    with self.subTest(f"{service} {method} {wrong}"):
                        self.assert_refused(client.call(method, **wrong), status)
            declared = {(method, path, int(status)) for (method, path), operation in described.operations.items()
                        for status in set(operation["responses"]) - UNCALLED - {"200", "304", "default"}
                        if status != "422" or "requestBody" in operation}  # else test_parameters.py
            self.assertEqual(declared - described.statuses - ANSWERED_ELSEWHERE, set(), "nothing gives these statuses")

    def test_signing_in_gives_what_the_contract_says(self):
        answer = self.callers["crm", "anonymous"].post("/api/auth/login", SIGN_IN)
        self.assertRegex(answer.headers["set-cookie"],
                         "^octo_crm=[0-9a-f]{64}; .*Max-Age=3600.*HttpOnly.*SameSite=Lax|"
                         "^octo_crm=[0-9a-f]{64}; .*HttpOnly.*SameSite=Lax.*Max-Age=3600")
        header = {"X-Session-Id": answer.headers["set-cookie"][9:73]}
        nobody = self.callers["crm", "anonymous"]
        self.assertTrue(nobody.get("/api/auth/session", headers=header).json["authenticated"])
        self.assertEqual(nobody.post("/api/auth/logout", headers=header).schema, "SignedOut")
        self.assertFalse(nobody.get("/api/auth/session", headers=header).json["authenticated"])

    def test_too_many_failures_are_told_when_to_come_back(self):
        for name, most in (("shop", 8), ("crm", 5)):
            statuses = [self.callers[name, "anonymous"].post(
                "/api/auth/login", {"username": "guessed", "password": "wrong"}).status
                for _ in range(most)]
            self.assertEqual(statuses, [401] * most, name)
            answer = self.callers[name, "anonymous"].post(
                "/api/auth/login", {"username": "guessed", "password": "wrong"})
            self.assert_refused(answer, 429)
            self.assertGreater(int(answer.headers["retry-after"]), 0)

    def test_lists_that_may_be_kept_have_an_etag(self):
        for path, role in (("/api/products?limit=2", "anonymous"), ("/api/orders", "admin")):
            client = self.callers["shop", role]
            etag = client.get(path).headers["etag"]
            self.assertEqual(client.get(path, headers={"If-None-Match": etag}).status, 304, path)

    def test_a_repeated_key_replays_the_reply(self):
        for name, role, path, body in (
                ("shop", "anonymous", "/api/shop/checkout", checkout_body()),
                ("shop", "admin", "/api/orders", checkout_body()),
                ("shop", "service", "/api/integrations/crm/sync-order",
                 self.body("sync order", "service")),
                ("crm", "service", "/api/orders", {"customer_id": 1, "product_id": 1}),
                ("crm", "admin", "/api/customers", self.body("customer", "admin"))):
            client, headers = self.callers[name, role], {"Idempotency-Key": secrets.token_hex(8)}
            first = client.post(path, body, headers=headers)
            second = client.post(path, body, headers=headers)
            self.assertEqual((first.status, first.raw), (200, second.raw), path)
            self.assertNotIn("idempotency-replayed", first.headers)
            self.assertEqual(second.headers["idempotency-replayed"], "true", path)
            other = client.post(path, {**body, "notes": "another"}, headers=headers)
            if role == "anonymous":  # nobody knows whose the key is: a stranger's is in nobody's way
                self.assertEqual(other.status, 200, other)
                self.assertNotIn("idempotency-replayed", other.headers)
            else:
                self.assert_refused(other, 422)

    def test_the_document_says_where_a_key_counts(self):
        """A key that is none is refused where the document has the header, ignored elsewhere; one that is no text is
        refused anywhere."""
        for service, method, path, allowed, _, body in ROUTES:
            if method == "GET":
                continue
            role = "anonymous" if allowed is ANYONE else max(allowed & {"admin", "service"})
            short, unreadable = [self.callers[service, role].call(
                method, self.path(path), self.body(body, role),
                headers={"Idempotency-Key": key}) for key in ("short", "not UTF-8 \xe4")]
            operations = self.described[service].operations
            template = self.described[service].template_of(method, path)
            names = {p["name"] for p in operations[method, template]["parameters"]}
            refused = short.status == 422 and b'"pointer":"Idempotency-Key"' in short.raw
            self.assertEqual(refused, "Idempotency-Key" in names, (service, method, path, short))
            self.assertEqual(unreadable.status, 400, (service, method, path, unreadable))

    def test_a_cart_knows_its_owner_by_a_cookie(self):
        client = self.callers["shop", "anonymous"]
        added = client.post("/api/cart/add", {"product_id": 3})
        session = added.json["session_id"]
        name = self.cookie_of("POST", "/api/cart/add")
        self.assertRegex(added.headers["set-cookie"], f"^{name}={session};")
        cookie = {"Cookie": f"{name}={session}"}
        cart = client.get("/api/cart", headers=cookie)
        self.assertEqual(cart.schema, "Cart")
        line = cart.json["items"][0]["id"]
        self.assert_refused(client.call("DELETE", f"/api/cart/{line}?session_id=other"), 404)
        removed = client.call("DELETE", f"/api/cart/{line}", headers=cookie)
        self.assertEqual(removed.schema, "CartRemoved")
        self.assertEqual(client.get("/api/cart", headers=cookie).json["total"], 0)
        client.post("/api/cart/add", {"product_id": 3}, headers=cookie)
        buyer = checkout_body()
        del buyer["items"]
        self.assertEqual(client.post("/api/shop/checkout", buyer, headers=cookie).schema, "CheckoutResponse")
        for method, path in (("GET", "/api/cart"), ("DELETE", "/api/cart/{item_id}"), ("POST", "/api/shop/checkout")):
            self.assertEqual(self.cookie_of(method, path), name)
        self.assertIsNone(self.cookie_of("POST", "/api/orders"))

    def cookie_of(self, method, path):
        """By the document; None: the route reads none but that of a sign-in."""
        return next((parameter["name"] for parameter in self.described["shop"].operations[method, path]["parameters"]
                     if parameter["in"] == "cookie"), None)

    def test_every_route_is_described_and_asked(self):
        """The route tables, whose rows each have a counter, the document and ROUTES have the same ones."""
        everywhere = set()
        for name in ("shop", "crm"):
            described = set(self.described[name].operations)
            everywhere |= described
            metrics = self.callers[name, "service"].get("/metrics").raw.decode()
            counted = {(method, path) for path, method in re.findall(
                r'_http_requests_total\{route="([^"]+)",method="(\w+)"', metrics.replace("...}", "}"))}
            self.assertEqual(described, {row for row in counted if row[1] != "(unmatched)"})
            asked = {(method, self.described[name].template_of(method, path))
                     for service, method, path, *_ in ROUTES if service == name}
            self.assertEqual(asked & set(ELSEWHERE), set())
            self.assertEqual(described - asked - set(ELSEWHERE), set(), "routes without a row in ROUTES")
            self.assertEqual(asked - described, set(), "there are no such routes")
        self.assertEqual(set(ELSEWHERE) - everywhere, set(), "there are no such routes")

    def test_what_is_asked_elsewhere_is(self):
        for (method, path), file in ELSEWHERE.items():
            text = (pathlib.Path(__file__).parent / file).read_text(encoding="utf-8")
            self.assertRegex(text, rf'\.{method.lower()}\("{re.escape(path)}"')

    def test_the_document_says_what_routes_take_and_give(self):
        for name in ("shop", "crm"):
            operations = self.described[name].operations
            said = {route: [set(), False, set()] for route in operations if route not in ELSEWHERE}
            for service, method, path, _, shape, body in ROUTES:
                if service == name:
                    of_route = said[method, self.described[service].template_of(method, path)]
                    of_route[0] |= set(re.findall(r"[?&](\w+)=", path))
                    of_route[1] |= body is not None
                    of_route[2].add(shape)
            for route, of_route in said.items():
                operation = operations[route]
                given = operation["responses"]["200"]["content"]["application/json"]["schema"]
                with self.subTest(f"{name} {route}"):
                    self.assertEqual(of_route, [
                        {p["name"] for p in operation["parameters"] if p["in"] == "query"},
                        "requestBody" in operation,
                        {given["$ref"].rsplit("/", 1)[1]}])

    def test_pools_are_for_those_who_may_know_and_have_one_name_everywhere(self):
        for name, role in (("shop", "analyst"), ("crm", "viewer")):
            health = self.callers[name, role].get("/api/observability/360/db-health").json
            whole = self.callers[name, role].get("/api/observability/360").json
            shown = self.callers[name, "service"].get("/api/observability/pools").json["pools"]
            metrics = self.callers[name, "service"].get("/metrics").raw.decode()
            names = [pool["name"] for pool in shown]
            self.assertEqual([pool["name"] for pool in health["pools"]], names)
            self.assertEqual([pool["name"] for pool in whole["db_health"]["pools"]], names)
            self.assertLessEqual(set(names), set(re.findall(
                r'db_client_connection_max\{db_client_connection_pool_name="(\w+)"', metrics)))
            nobody = self.callers[name, "anonymous"]
            for part in (nobody.get("/api/observability/360/db-health").json,
                         nobody.get("/api/observability/360").json["db_health"]):
                self.assertFalse({"pool", "pools"} & set(part), part)

    def test_a_picture_leads_somewhere_or_is_null(self):
        shop, crm = self.callers["shop", "service"], self.callers["crm", "service"]
        lists = (shop.get("/api/products?limit=500").json["products"],
                 crm.get("/api/products?limit=500").json["products"],
                 shop.get("/api/shop/storefront").json["products"],
                 shop.get(f"/api/orders/{self.order}").json["items"],
                 shop.get("/api/orders").json["orders"][0]["items"])
        for rows in lists:
            self.assertTrue(rows)
            self.assertEqual({row["image_url"] for row in rows}, {None})

    def test_a_file_of_spans_is_no_apm(self):
        with Instance(OCTO_TRACE_LOG="/dev/null") as instance:
            for service in (instance.shop, instance.crm):
                with service.client() as client:
                    whole = client.get("/api/observability/360").json
                    self.assertIs(whole["pillars"]["apm"]["configured"], False)
                    self.assertIs(client.get("/ready").json["apm_configured"], False)

    def test_metrics_are_text(self):
        for name in ("shop", "crm"):
            answer = self.callers[name, "anonymous"].get("/metrics")
            self.assertTrue(answer.headers["content-type"].startswith("text/plain; version=0.0.4"))
            self.assertIn(b"http_", answer.raw)
            self.assertIn(b"process_", answer.raw)

    def test_the_portal_takes_numbers_of_a_source_as_text_too(self):
        body = {"customer_id": 1, "source_system": "octo-drone-shop", "source_order_id": "700001",
                "items": [{"product_id": 1, "sku": "TXT-1", "quantity": 1, "unit_price": 2}]}
        client = self.callers["crm", "service"]
        first = client.post("/api/orders", body)
        self.assertEqual(first.schema, "CrmOrderCreated")
        second = client.post("/api/orders", {**body, "source_order_id": 700001}).json
        self.assertEqual((second["status"], second["order_id"]),
                         ("duplicate", first.json["order_id"]))


if __name__ == "__main__":
    unittest.main()
