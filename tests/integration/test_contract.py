"""Every route of the contract: members and their types, statuses, headers, who may call it.

SHAPES says what replies look like, ROUTES which route gives which reply, to whom and for what body.
A member is "name type" or, when it must be there, "name! type"; "?" after a type allows null.
"""

import decimal
import hashlib
import json
import pathlib
import re
import secrets
import time
import unittest

from support.harness import Instance, checkout_body, moment

ORDER_STATUS = ("pending|queued|processing|payment_pending|paid|shipped|completed|delivered|failed|"
                "cancelled|refunded|backlog|awaiting_fulfillment|awaiting_dispatch")
PAGE = "total! nat, count! nat, limit! id, offset! nat"
PRODUCT = ("id! id, shop_id int?, name! text, sku! text, description text?, price! money, "
           "stock! nat, category text?, image_url text?, is_active! flag, created_at! time")
FOR_SALE = (PRODUCT + ", rating! real, specs! [Spec], summary! text, "
            "support_tier! Mission Ready|Field Ready, "
            "inventory_badge! In Stock|Low Stock|Backorder")
PURCHASE = ("order_id! id, tracking_number! tracking, subtotal! money, discount! money, "
            "shipping_cost! money, total! money, session_id text, customer_sync! CustomerSync, "
            "crm_sync! CrmPush")
SHOP_USER = "id! id, username! text, email! text, role! user|admin|manager|analyst|support"
CRM_ORDER = (
    f"id! id, customer_id! int?, customer_name! text?, customer_email! text?, total! money, "
    f"status! {ORDER_STATUS}, source_system! text, source_order_id! int?, "
    f"sync_status! synced|failed|local, backlog_status! backlog|current, correlation_id! text?, "
    f"last_synced_at! time?, created_at! time")

SHAPES = {
    "Problem": "type! text, title! text, status! int, detail! text, error! text, code! text, "
               "instance! text, correlation_id! text, trace_id! hex32",
    "Health": "status! ok, service! text",
    "ShopReady": "ready! bool, database! connected|disconnected, can_store! bool, error text, "
                 "db_type! text, "
                 "apm_configured! bool, rum_configured! bool, workflow_gateway_configured! bool, "
                 "selectai_configured! bool, runtime! object",
    "CrmReady": "ready! bool, database! connected|disconnected, can_store! bool, error text, "
                "database_target! text, "
                "atp_ocid! null, atp_connection_name! null, apm_configured! bool, "
                "rum_configured! bool, logging_configured! bool",
    "ShopLoginResponse": "status! success, user! ShopUser, token! text",
    "ShopUser": SHOP_USER,
    "ShopProfile": SHOP_USER + ", last_login! time?",
    "CrmLoginResponse": "status! success, user! CrmUser",
    "CrmUser": "id! id, username! text, role! user|viewer|manager|admin|chaos-operator",
    "SessionInfo": "authenticated! bool, user_id id, username text, "
               "role user|viewer|manager|admin|chaos-operator, auth_method password|sso, "
               "expires_at time",
    "StatusMessage": "status! text, message text",
    "Document": "openapi! text, info! object, paths! object, components! object",
    "DbSessionList": "sessions! [DbSession], note text",
    "DbSession": "sid! int, service! shop|crm, pool! text, state! text, module! text, action! text, "
                 "client_identifier! text, sql_id! text, statement! text, waits_for! text, "
                 "blocked_by! [int], state_ms! nat",
    "DbPoolList": "pools! [DbPool]",
    "DbPool": "service! shop|crm, name! main|events|auth, size! nat, overflow! nat, "
              "checkout_timeout_ms! id, in_use! nat, idle! nat, overflow_open! nat, waiters! nat, "
              "checkouts! nat, timeouts! nat, opened! nat, closed! nat, opened_last_minute! nat, "
              "closed_last_minute! nat, wait_p50_us! nat, wait_p99_us! nat, hold_p50_us! nat, "
              "hold_p99_us! nat",
    "Spec": "label! text, value! text",
    "StorefrontProduct": FOR_SALE,
    "ProductList": PAGE + ", products! [StorefrontProduct]",
    "Featured": "products! [StorefrontProduct]",
    "Categories": "categories! [text]",
    "Storefront": "products! [StorefrontProduct], categories! [text], stats! StorefrontStats, "
                  "backend! StorefrontBackend, crm_sync! CustomerSync",
    "StorefrontStats": "product_count! nat, inventory_units! nat, revenue! money, order_count! nat",
    "StorefrontBackend": "database! text, apm_configured! bool, rum_configured! bool, "
                         "genai_configured! bool",
    "CustomerSync": "configured! bool, synced! bool, skipped bool, reason text?",
    "Breaker": "name! text, state! closed|open|half_open, failure_count! nat, "
               "failure_threshold! id, recovery_timeout_s! real, last_failure_age_s! real?",
    "CrmPush": "synced! bool, queued! bool, order_id! id, status_code int?, reason! text?, "
               "crm_response object?, circuit_breaker Breaker",
    "CheckoutResponse": "status! order_placed, " + PURCHASE,
    "OrderCreated": "status! created, " + PURCHASE,
    "Cart": "items! [CartLine], total! money, session_id! text",
    "CartLine": FOR_SALE + ", product_id! id, quantity! id, line_total! money",
    "CartAdded": "status! added, success! true, session_id! text, item! CartLine",
    "CartRemoved": "status! removed, item_id! id",
    "ShopOrderList": PAGE + ", orders! [ShopOrder], next_cursor! text?",
    "ShopOrder": f"id! id, customer_id! int?, customer_name! text?, customer_email! text?, "
                 f"total! money, subtotal! money, discount! money, shipping_cost! money, "
                 f"currency! text, coupon_code! text?, status! {ORDER_STATUS}, "
                 f"payment_method! text, payment_status! pending|paid|failed|refunded, "
                 f"shipping_address! text?, notes! text?, created_at! time, updated_at! time, "
                 f"items! [OrderItem], shipment! Shipment?",
    "OrderItem": "product_id! int?, sku! text?, name! text?, description text?, category! text?, "
                 "image_url! text?, stock int?, quantity! id, unit_price! money, "
                 "line_total! money",
    "Shipment": "id! id, tracking_number! text, carrier! text, "
                "status! processing|shipped|in_transit|delivered|returned|cancelled, "
                "origin_region! text?, destination_region! text?, weight_kg! real, "
                "shipping_cost! money, estimated_delivery! time?, actual_delivery! time?, "
                "created_at! time",
    "SecurityEventList": PAGE + ", events! [Event]",
    "Event": "id! id, attack_type! text, severity! low|medium|high|critical, endpoint! text?, "
             "source_ip! text?, payload! text?, product_id! int?, session_id! text?, "
             "trace_id! text?, details! EventDetails, created_at! time",
    "EventDetails": "mitre_technique_id! text, mitre_tactic! text, mitre_technique! text, "
                    "owasp_category! text, owasp_name! text",
    "GeoList": "regions! [Region], total! nat",
    "Region": "visitor_region! text?, view_count! nat, avg_load_time! real?, min_load_time! real?, "
              "max_load_time! real?",
    "Funnel": "funnel! [Stage]",
    "Stage": "stage! text, count! nat",
    "PageViewTracked": "status! tracked, page! text, page_view_id! id",
    "AppHealth": "status! healthy, entities! object, activity! object",
    "DbHealth": "status! connected, latency_ms! real, database_target! text, "
                "connection_name! text?, atp_ocid! text?, session_tagging! bool, pool Pool, "
                "pools [PoolBounds], observability! DbObservability",
    "Pool": "size! int, max_overflow! int, timeout! real, in_use! int, waiting! int",
    "PoolBounds": "name! main|events|auth, min! nat, max! id, in_use! nat, waiting! nat, "
                  "acquire_timeout_ms! id",
    "DbObservability": "sql_id_enrichment! bool, session_tagging_enabled! bool, "
                       "opsi_console! text?, db_management_console! text?",
    "Correlation": "correlation_id! text, trace_id! hex32, span_id! text, traceparent! text",
    "Timing": "query_time_ms! real, uptime_seconds! nat",
    "ShopSecuritySummary": "audit! Recent, security_events! RecentEvents, waf! ShopWaf",
    "Recent": "total! nat, entries_24h! nat",
    "RecentEvents": "total! nat, events_24h! nat",
    "ShopWaf": "detection_enabled! bool, headers! [text]",
    "Shop360": "timestamp! time, correlation! Correlation, service! object, pillars! object, "
               "app_health! AppHealth, db_health! DbHealth, "
               "integration_health! ShopIntegrations, security! ShopSecuritySummary, "
               "vulnerability_scanning! object, circuit_breakers! object, dashboard_meta! Timing",
    "ShopIntegrations": "crm! Peer, shared_atp! Target, workflow_gateway! object",
    "Peer": "configured! bool, url! text?, hostname! text?",
    "Target": "configured! bool, target! text",
    "CrmSecuritySummary": "audit! CrmRecent, waf! CrmWaf, order_sync_failures! nat, "
                   "owasp_coverage! [text]",
    "CrmRecent": "total_entries! nat, entries_24h! nat",
    "CrmWaf": "detection_enabled! bool, header_monitoring! [text]",
    "SyncHealth": "enabled! bool, source! text, interval_seconds! int, watermark! time?, "
                  "leader! bool, stats! SyncStats, orders! SyncOrders, thresholds! SyncLimits",
    "SyncStats": "total_sync_operations! nat, successful! nat, failed! nat, "
                 "success_rate_pct! real, last_successful_sync! time?",
    "SyncOrders": "external_total! nat, backlog! nat, suspicious! nat",
    "SyncLimits": "suspicious_total! real, backlog_age_minutes! int",
    "Crm360": "timestamp! time, correlation! Correlation, service! object, pillars! object, "
              "app_health! AppHealth, db_health! DbHealth, integration_health! object, "
              "security! CrmSecuritySummary, order_sync! SyncHealth, dashboard_meta! Timing",
    "CustomerList": PAGE + ", customers! [Customer]",
    "Customer": "id! id, name! text, email! text, phone! text?, company! text?, industry! text?, "
                "revenue! money, notes! text?, created_at! time, updated_at! time",
    "CustomerCreated": "status! created, name! text, customer_id! id, customer! Customer",
    "CustomerEnvelope": "customer! Customer",
    "CustomerUpdated": "status! updated, customer_id! id",
    "CrmOrderList": PAGE + ", orders! [CrmOrder], database_target! text, source! text",
    "CrmOrder": CRM_ORDER,
    "CrmOrderEnvelope": "order! CrmOrderDetail",
    "CrmOrderDetail": CRM_ORDER + ", notes! text?, shipping_address! text?, sync_error! text?, "
                      "items! [CrmOrderItem], shipment! Shipment?, db_drilldown! DrillDown, "
                      "telemetry! Telemetry",
    "CrmOrderItem": "id! id, product_id! int?, product_name! text, sku! text?, quantity! id, "
                    "unit_price! money, line_total! money",
    "DrillDown": "database_target! text, atp_ocid! text?, atp_connection_name! text?, "
                 "db_query_preview! text, sql_ids! [text], db_management_console_url! text?, "
                 "opsi_console_url! text?",
    "Telemetry": "correlation_id! text, trace_id! hex32, span_id! text, traceparent! text, "
                 "apm_console_url! text?, log_analytics_console_url! text?",
    "CrmOrderCreated": "status! created|duplicate, order_id! id, total! money",
    "OrderSecuritySummary": "total_orders! nat, backlog_orders! nat, stale_backlog_orders! nat, "
                   "suspicious_totals! nat, failed_syncs! nat, thresholds! RiskLimits",
    "RiskLimits": "suspicious_order_total! real, backlog_age_minutes! int",
    "OrderSyncResult": "status! completed|skipped|failed|busy, reason! text?, created! nat, "
                  "updated! nat, unchanged! nat, failed! nat, orders! [SyncedOrder], "
                  "source! text, watermark! time?, correlation_id! text",
    "SyncedOrder": "id! id, source_order_id! int, status! text, backlog_status! backlog|current, "
                   "total! money",
    "OrderSyncAuditList": PAGE + ", entries! [SyncEntry]",
    "SyncEntry": "id! id, source_system! text, source_order_id! int?, "
                 "sync_action! created|updated|unchanged|skip|fetch, "
                 "sync_status! success|failed|invalid, message! text?, correlation_id! text?, "
                 "trace_id! text?, created_at! time",
    "StatusChanged": "status! updated, new_status! text, order_id! id",
    "CrmProductList": PAGE + ", products! [CrmProduct]",
    "CrmProduct": PRODUCT + ", shop_name! text?, status! active|inactive",
    "CrmProductEnvelope": "product! CrmProduct",
    "DbStatus": "database_target! text, database_version! text, active_connections! nat, "
                "pool_size! int, max_overflow! int, module! text, action! text, "
                "client_identifier! text, pools! [object]",
}

ANYONE = None
SHOP_ROLES = {"user", "manager", "admin", "analyst", "support", "service"}
SHOP_PEOPLE = SHOP_ROLES - {"service"}
CRM_ROLES = {"user", "viewer", "manager", "admin", "chaos-operator", "service"}
CRM_WRITERS = {"admin", "manager", "service"}

OPERATORS = {"admin", "service"}
SIGN_IN = {"username": "ADMIN", "password": "correct-horse-battery"}

# Service, method, path, who may call it, shape of the reply, body. {order} and so on are filled in
# with rows that the test has made. Together the rows of a route have all parameters that it takes.
ROUTES = [
    ("shop", "GET", "/health", ANYONE, "Health", None),
    ("shop", "GET", "/ready", ANYONE, "ShopReady", None),
    ("shop", "GET", "/openapi.json", ANYONE, "Document", None),
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
    ("shop", "GET", "/api/cart?session_id=nobody", ANYONE, "Cart", None),
    ("shop", "POST", "/api/cart/add", ANYONE, "CartAdded", {"product_id": 2, "quantity": -3}),
    ("shop", "DELETE", "/api/cart/{line}?session_id={cart}", ANYONE, "CartRemoved", None),
    ("shop", "GET", "/api/orders?limit=5&offset=0&status=processing", SHOP_ROLES, "ShopOrderList",
     None),
    ("shop", "GET", "/api/orders?updated_since=2020-01-01T00:00:00Z&limit=5", SHOP_ROLES,
     "ShopOrderList", None),
    ("shop", "GET", "/api/orders?cursor={cursor}", SHOP_ROLES, "ShopOrderList", None),
    ("shop", "GET", "/api/orders?customer_id=1", SHOP_ROLES - {"user"}, "ShopOrderList", None),
    ("shop", "POST", "/api/orders", SHOP_PEOPLE, "OrderCreated", "own purchase"),
    ("shop", "GET", "/api/orders/{order}", SHOP_ROLES - {"user"}, "ShopOrder", None),
    ("shop", "GET", "/api/analytics/security/events?limit=5&offset=0&severity=medium&attack_type=idor"
                    "&since=2020-01-01T00:00:00Z", {"admin", "analyst", "support"}, "SecurityEventList",
     None),
    ("shop", "GET", "/api/analytics/geo?region=eu-west-1", ANYONE, "GeoList", None),
    ("shop", "GET", "/api/analytics/funnel", ANYONE, "Funnel", None),
    ("shop", "POST", "/api/analytics/track", ANYONE, "PageViewTracked", {"page": "/x" * 200}),
    ("shop", "POST", "/api/integrations/crm/sync-order", {"service"}, "CrmPush", "sync order"),
    ("shop", "GET", "/api/observability/360", ANYONE, "Shop360", None),
    ("shop", "GET", "/api/observability/360/app-health", ANYONE, "AppHealth", None),
    ("shop", "GET", "/api/observability/360/db-health", ANYONE, "DbHealth", None),
    ("shop", "GET", "/api/observability/360/security", ANYONE, "ShopSecuritySummary", None),
    ("crm", "GET", "/health", ANYONE, "Health", None),
    ("crm", "GET", "/ready", ANYONE, "CrmReady", None),
    ("crm", "GET", "/openapi.json", ANYONE, "Document", None),
    ("crm", "GET", "/api/observability/sessions", OPERATORS, "DbSessionList", None),
    ("crm", "GET", "/api/observability/pools", OPERATORS, "DbPoolList", None),
    ("crm", "POST", "/api/auth/login", ANYONE, "CrmLoginResponse", SIGN_IN),
    ("crm", "GET", "/api/observability/360", ANYONE, "Crm360", None),
    ("crm", "GET", "/api/observability/360/app-health", ANYONE, "AppHealth", None),
    ("crm", "GET", "/api/observability/360/db-health", ANYONE, "DbHealth", None),
    ("crm", "GET", "/api/observability/360/security", ANYONE, "CrmSecuritySummary", None),
    ("crm", "GET", "/api/observability/360/sync-health", ANYONE, "SyncHealth", None),
    ("crm", "GET", "/api/auth/session", ANYONE, "SessionInfo", None),
    ("crm", "GET", "/api/customers?search=a&sort_by=revenue&order=desc&limit=5", CRM_ROLES,
     "CustomerList", None),
    ("crm", "GET", "/api/customers?email=a%40b.example&offset=0", CRM_ROLES, "CustomerList", None),
    ("crm", "POST", "/api/customers", CRM_WRITERS, "CustomerCreated", "customer"),
    ("crm", "GET", "/api/customers/1", CRM_ROLES, "CustomerEnvelope", None),
    ("crm", "PUT", "/api/customers/1", CRM_WRITERS, "CustomerUpdated", {"notes": "seen"}),
    ("crm", "POST", "/api/orders/sync?full=true", CRM_WRITERS, "OrderSyncResult", None),
    ("crm", "GET", "/api/orders?status=processing&customer_id=0&backlog_only=true"
                   "&sync_status=synced&source_system=octo-drone-shop&limit=5&offset=0", CRM_ROLES,
     "CrmOrderList", None),
    ("crm", "POST", "/api/orders", CRM_WRITERS, "CrmOrderCreated",
     {"customer_id": 1, "product_id": 1, "quantity": 2}),
    ("crm", "GET", "/api/orders/backlog?limit=5&offset=1", CRM_ROLES, "CrmOrderList", None),
    ("crm", "GET", "/api/orders/security/summary", CRM_ROLES, "OrderSecuritySummary", None),
    ("crm", "GET", "/api/orders/sync/audit?limit=5&offset=0&sync_status=success&source_order_id=1"
                   "&correlation_id=nobody", CRM_WRITERS, "OrderSyncAuditList", None),
    ("crm", "GET", "/api/orders/sync/audit?limit=5&sync_status=success",
     CRM_WRITERS, "OrderSyncAuditList", None),
    ("crm", "GET", "/api/orders/1", CRM_ROLES, "CrmOrderEnvelope", None),
    ("crm", "PATCH", "/api/orders/{crm_order}/status", CRM_WRITERS, "StatusChanged",
     {"status": "queued"}),
    ("crm", "GET", "/api/products?category=none&offset=0", CRM_ROLES, "CrmProductList", None),
    ("crm", "GET", "/api/products?search=drone&shop_id=0&status=all&include_inactive=true&limit=5",
     CRM_ROLES, "CrmProductList", None),
    ("crm", "GET", "/api/products/1", CRM_ROLES, "CrmProductEnvelope", None),
    ("crm", "GET", "/api/analytics/geo?region=eu-west-1", CRM_ROLES, "GeoList", None),
    ("crm", "GET", "/api/analytics/funnel", CRM_ROLES, "Funnel", None),
    ("crm", "POST", "/api/analytics/track", ANYONE, "PageViewTracked", {"load_time_ms": -5}),
    ("crm", "GET", "/api/admin/db-status", {"admin"}, "DbStatus", None),
]

# Routes whose answer no shape describes, or that end their caller's session: where they are asked.
ELSEWHERE = {
    ("GET", "/"): "test_pages.py",
    ("GET", "/metrics"): "test_contract.py",
    ("POST", "/api/auth/logout"): "test_contract.py",
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
    ("shop", "POST", "/api/integrations/crm/sync-order",
     {"order_id": 1, "customer_email": "a@b.example", "total": 0.01}, 422),
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
]

SEEN = set()  # shapes of which a value has been judged
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
PROBLEM_TYPE = "application/problem+json"


def is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def matches(pattern):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


TYPES = {
    "int": is_int,
    "nat": lambda value: is_int(value) and value >= 0,
    "id": lambda value: is_int(value) and value >= 1,
    "flag": lambda value: is_int(value) and value in (0, 1),
    "money": lambda value: isinstance(value, decimal.Decimal) and value >= 0
    and value.as_tuple().exponent == -2,
    "real": lambda value: is_int(value) or isinstance(value, decimal.Decimal),
    "bool": lambda value: isinstance(value, bool),
    "true": lambda value: value is True,
    "null": lambda value: value is None,
    "text": lambda value: isinstance(value, str),
    "time": matches(TIME),
    "hex32": matches("[0-9a-f]{32}"),
    "tracking": matches("OCTO-[0-9]{6,}"),
    "object": lambda value: isinstance(value, dict),
}


def faults(value, kind, place="reply"):
    """All that is wrong with a value of a kind."""
    if kind.endswith("?"):
        return [] if value is None else faults(value, kind[:-1], place)
    if kind.startswith("["):
        if not isinstance(value, list):
            return [f"{place} is no list"]
        return [f for i, item in enumerate(value) for f in faults(item, kind[1:-1], f"{place}/{i}")]
    if kind in SHAPES:
        SEEN.add(kind)
        return member_faults(value, SHAPES[kind], place)
    is_right = TYPES[kind](value) if kind in TYPES else value in kind.split("|")
    return [] if is_right else [f"{place} is {value!r}, not {kind}"]


def member_faults(value, shape, place):
    found = []
    if not isinstance(value, dict):
        return [f"{place} is no object"]
    for member in shape.split(", "):
        name, kind = member.split(" ", 1)
        if name.rstrip("!") in value:
            found += faults(value[name.rstrip("!")], kind, f"{place}/{name.rstrip('!')}")
        elif name.endswith("!"):
            found.append(f"{place}/{name.rstrip('!')} is missing")
    return found


def shapes_within(shape):
    """The shape and all that its members have."""
    found = {shape}
    for member in SHAPES[shape].split(", "):
        kind = member.split(" ", 1)[1].strip("[]?")
        if kind in SHAPES:
            found |= shapes_within(kind)
    return found


def template_of(path, method, operations):
    """The template that a path has, which has the fewest parameters of those that fit."""
    path = path.split("?")[0]
    fitting = [template for known, template in operations if known == method and
               re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)]
    return min(fitting, key=lambda template: template.count("{"), default=path)


class Contract(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.callers = {}
        for name, roles in (("shop", SHOP_ROLES), ("crm", CRM_ROLES)):
            service = getattr(cls.instance, name)
            for role in roles | {"anonymous"}:
                cls.callers[name, role] = cls.enterClassContext(cls.caller_of(service, role))
        bought = cls.callers["shop", "anonymous"].post("/api/shop/checkout", checkout_body())
        made = cls.callers["crm", "service"].post(
            "/api/orders", {"customer_id": 1, "product_id": 1, "quantity": 1})
        cls.order, cls.order_total = bought.json["order_id"], bought.json["total"]
        feed = cls.callers["shop", "service"].get("/api/orders?updated_since=2020-01-01T00:00:00Z")
        cls.rows = {"order": cls.order, "crm_order": made.json["order_id"],
                    "cursor": feed.json["last_cursor"]}

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
        if body == "purchase":
            return checkout_body()
        if body == "own purchase":
            return checkout_body(email=f"a-{role}@example.org")
        if body == "customer":
            return {"name": "Some One", "email": f"{secrets.token_hex(8)}@example.org"}
        if body == "sync order":
            return {"order_id": self.order, "customer_email": "buyer@example.com",
                    "total": self.order_total}
        return body

    def path(self, path):
        """The path with rows filled in, of which one can be removed once only."""
        if "{line}" not in path:
            return path.format(**self.rows)
        added = self.callers["shop", "anonymous"].post("/api/cart/add", {"product_id": 3}).json
        return path.format(line=added["item"]["id"], cart=added["session_id"])

    def assert_shape(self, answer, shape):
        kind = answer.headers["content-type"].split(";")[0]
        self.assertEqual(kind, PROBLEM_TYPE if shape == "Problem" else "application/json")
        value = json.loads(answer.raw, parse_float=decimal.Decimal)
        self.assertEqual(faults(value, shape), [], answer)

    def assert_refused(self, answer, status):
        self.assertEqual(answer.status, status, answer)
        self.assert_shape(answer, "Problem")
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
        return self.callers[service, role].call(method, self.path(path), sent, headers=headers)

    def test_every_route_answers_those_who_may_call_it_and_nobody_else(self):
        for service, method, path, allowed, shape, body in ROUTES:
            roles = SHOP_ROLES if service == "shop" else CRM_ROLES
            for role in sorted(roles | {"anonymous"}):
                with self.subTest(f"{service} {method} {path} by {role}"):
                    answer = self.call(service, role, method, path, body)
                    if allowed is ANYONE or role in allowed:
                        self.assertEqual(answer.status, 200, answer)
                        self.assert_shape(answer, shape)
                    else:
                        self.assert_refused(answer, 401 if role == "anonymous" else
                                            404 if path.endswith("/profile") else 403)

        promised = set().union(*(shapes_within(route[4]) for route in ROUTES))
        self.assertEqual(promised - SEEN, set(), "no reply had a value of these shapes")

    def test_a_plain_user_orders_for_himself_only(self):
        answer = self.callers["shop", "user"].post("/api/orders", checkout_body())
        self.assert_refused(answer, 422)
        without = checkout_body()
        del without["customer_email"]
        self.assert_refused(self.callers["shop", "admin"].post("/api/orders", without), 422)

    def test_what_is_wrong_is_refused_with_its_status(self):
        for service, method, path, body, status in REFUSALS:
            with self.subTest(f"{service} {method} {path} {body}"):
                answer = self.call(service, "service", method, path, body)
                self.assert_refused(answer, status)

    def test_signing_in_gives_what_the_contract_says(self):
        answer = self.callers["crm", "anonymous"].post("/api/auth/login", SIGN_IN)
        self.assertRegex(answer.headers["set-cookie"],
                         "^session_id=[0-9a-f]{64}; .*Max-Age=3600.*HttpOnly.*SameSite=Lax|"
                         "^session_id=[0-9a-f]{64}; .*HttpOnly.*SameSite=Lax.*Max-Age=3600")
        header = {"X-Session-Id": answer.headers["set-cookie"][11:75]}
        nobody = self.callers["crm", "anonymous"]
        self.assertTrue(nobody.get("/api/auth/session", headers=header).json["authenticated"])
        self.assert_shape(nobody.post("/api/auth/logout", headers=header), "StatusMessage")
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
            operations = self.operations(service)
            template = template_of(path, method, operations)
            names = {p["name"] for p in operations[method, template]["parameters"]}
            refused = short.status == 422 and b'"pointer":"Idempotency-Key"' in short.raw
            self.assertEqual(refused, "Idempotency-Key" in names, (service, method, path, short))
            self.assertEqual(unreadable.status, 400, (service, method, path, unreadable))

    def test_a_cart_knows_its_owner_by_a_cookie(self):
        client = self.callers["shop", "anonymous"]
        added = client.post("/api/cart/add", {"product_id": 3})
        session = added.json["session_id"]
        self.assertRegex(added.headers["set-cookie"], f"^session_id={session};")
        cookie = {"Cookie": f"session_id={session}"}
        cart = client.get("/api/cart", headers=cookie)
        self.assert_shape(cart, "Cart")
        line = cart.json["items"][0]["id"]
        self.assert_refused(client.call("DELETE", f"/api/cart/{line}?session_id=other"), 404)
        removed = client.call("DELETE", f"/api/cart/{line}", headers=cookie)
        self.assert_shape(removed, "CartRemoved")
        self.assertEqual(client.get("/api/cart", headers=cookie).json["total"], 0)

    def operations(self, name):
        """What the document of a service says of each (method, template)."""
        paths = self.callers[name, "anonymous"].get("/openapi.json").json["paths"]
        return {(method.upper(), path): operation
                for path, item in paths.items() for method, operation in item.items()}

    def test_every_route_is_described_and_asked(self):
        """The route tables, whose rows each have a counter, the document and ROUTES have the same ones."""
        for name in ("shop", "crm"):
            described = set(self.operations(name))
            metrics = self.callers[name, "anonymous"].get("/metrics").raw.decode()
            counted = {(method, path) for path, method in re.findall(
                r'_http_requests_total\{route="([^"]+)",method="(\w+)"', metrics.replace("...}", "}"))}
            self.assertEqual(described, {row for row in counted if row[1] != "(unmatched)"})
            asked = {(method, template_of(path, method, described))
                     for service, method, path, *_ in ROUTES if service == name}
            self.assertEqual(asked & set(ELSEWHERE), set())
            self.assertEqual(described - asked - set(ELSEWHERE), set(), "routes without a row in ROUTES")
            self.assertEqual((asked | set(ELSEWHERE)) - described, set(), "there are no such routes")

    def test_what_is_asked_elsewhere_is(self):
        for (method, path), file in ELSEWHERE.items():
            text = (pathlib.Path(__file__).parent / file).read_text(encoding="utf-8")
            self.assertRegex(text, rf'\.{method.lower()}\("{re.escape(path)}"')

    def test_the_document_says_what_routes_take_and_give(self):
        for name in ("shop", "crm"):
            operations = self.operations(name)
            said = {route: [set(), False, set()] for route in operations if route not in ELSEWHERE}
            for service, method, path, _, shape, body in ROUTES:
                if service == name:
                    of_route = said[method, template_of(path, method, operations)]
                    of_route[0] |= set(re.findall(r"[?&](\w+)=", path))
                    of_route[1] |= body is not None
                    of_route[2].add(shape)
            for route, of_route in said.items():
                operation = operations[route]
                given = operation["responses"]["2XX"]["content"]["application/json"]["schema"]
                with self.subTest(f"{name} {route}"):
                    self.assertEqual(of_route, [
                        {p["name"] for p in operation["parameters"] if p["in"] == "query"},
                        "requestBody" in operation,
                        {given.get("$ref", "/Document").rsplit("/", 1)[1]}])

    def test_pools_are_for_those_who_may_know_and_have_one_name_everywhere(self):
        for name, role in (("shop", "analyst"), ("crm", "viewer")):
            health = self.callers[name, role].get("/api/observability/360/db-health").json
            whole = self.callers[name, role].get("/api/observability/360").json
            shown = self.callers[name, "service"].get("/api/observability/pools").json["pools"]
            metrics = self.callers[name, "anonymous"].get("/metrics").raw.decode()
            names = [pool["name"] for pool in shown]
            self.assertEqual([pool["name"] for pool in health["pools"]], names)
            self.assertEqual([pool["name"] for pool in whole["db_health"]["pools"]], names)
            self.assertLessEqual(set(names), set(re.findall(
                r'db_pool_idle\{service="\w+",pool="(\w+)"', metrics)))
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
        self.assert_shape(first, "CrmOrderCreated")
        second = client.post("/api/orders", {**body, "source_order_id": 700001}).json
        self.assertEqual((second["status"], second["order_id"]),
                         ("duplicate", first.json["order_id"]))


if __name__ == "__main__":
    unittest.main()
