"""The operations that clients of the two services are promised, by service: path and methods. Routes beside these are
allowed."""

import re

PROMISED = {
    "shop": """
        /api/analytics/funnel GET
        /api/analytics/geo GET
        /api/analytics/security/events GET
        /api/analytics/track POST
        /api/auth/login POST
        /api/auth/profile GET
        /api/cart GET POST
        /api/cart/add POST
        /api/cart/{item_id} DELETE
        /api/categories GET
        /api/integrations/crm/sync-order POST
        /api/observability/360 GET
        /api/observability/360/app-health GET
        /api/observability/360/db-health GET
        /api/observability/360/security GET
        /api/orders GET POST
        /api/orders/{order_id} GET
        /api/products GET
        /api/products/{product_id} GET
        /api/shop/checkout POST
        /api/shop/featured GET
        /api/shop/storefront GET
        /health GET
        /metrics GET
        /ready GET
        /api/admin/audit-logs GET
        /api/admin/config GET
        /api/admin/customers GET POST
        /api/admin/customers/{customer_id} PUT
        /api/admin/orders GET POST
        /api/admin/orders/{order_id} PUT
        /api/admin/products GET POST
        /api/admin/products/{product_id} PUT
        /api/admin/shops GET POST
        /api/admin/shops/{shop_id} PUT
        /api/admin/users GET POST
        /api/analytics/overview GET
        /api/analytics/security/correlations GET
        /api/auth/logout POST
        /api/campaigns GET POST
        /api/campaigns/{campaign_id} GET
        /api/campaigns/{campaign_id}/leads GET POST
        /api/dashboard/summary GET
        /api/integrations/crm/catalog-sync POST
        /api/integrations/crm/customer-enrichment GET
        /api/integrations/crm/customers GET
        /api/integrations/crm/health GET
        /api/integrations/crm/sync-customers POST
        /api/integrations/schema GET
        /api/integrations/status GET
        /api/modules GET
        /api/products/{product_id}/reviews GET POST
        /api/services/catalog GET
        /api/services/tickets GET POST
        /api/services/tickets/{ticket_id}/messages POST
        /api/shipping GET
        /api/shipping/by-region GET
        /api/shipping/warehouses GET
        /api/shipping/{shipment_id} GET
        /api/shipping/{shipment_id}/status POST
        /api/shop/assistant/history/{session_id} GET
        /api/shop/assistant/query POST
        /api/shop/coupon/apply POST
        /api/shop/locations GET
        /api/admin/invoices GET POST
        /api/admin/invoices/{invoice_id} PUT
        /api/admin/partners POST
        /api/auth/sso/callback GET
        /api/auth/sso/login GET
        /api/auth/sso/logout GET
        /api/auth/sso/status GET
        /api/chaos/presets GET
        /api/chaos/state GET
        /api/dashboard/catalog GET
        /api/dashboard/demo/company POST
        /api/dashboard/demo/customer POST
        /api/dashboard/demo/orders POST
        /api/dashboard/demo/sync-customers POST
        /api/dashboard/n-plus-one GET
        /api/dashboard/slow-query GET
        /api/integrations/crm/ticket-products GET
        /api/payments/webhooks/{provider_name} POST
        /api/platform/status GET
        /api/shop/wallet GET
        /api/simulate/configure POST
        /api/simulate/db-latency POST
        /api/simulate/error-burst POST
        /api/simulate/reset POST
        /api/simulate/set POST
        /api/simulate/status GET
        /api/v1/partner/orders POST
        /api/v1/partner/orders/{order_id} GET
        /api/v1/public/catalog GET
        /api/v1/public/products/{product_id} GET
        /api/version GET
        /openapi.json GET
    """,
    "crm": """
        /api/admin/db-status GET
        /api/analytics/funnel GET
        /api/analytics/geo GET
        /api/analytics/track POST
        /api/auth/login POST
        /api/auth/logout POST
        /api/auth/session GET
        /api/customers GET POST
        /api/customers/{customer_id} GET PUT
        /api/observability/360 GET
        /api/observability/360/app-health GET
        /api/observability/360/db-health GET
        /api/observability/360/security GET
        /api/observability/360/sync-health GET
        /api/orders GET POST
        /api/orders/backlog GET
        /api/orders/security/summary GET
        /api/orders/sync POST
        /api/orders/sync/audit GET
        /api/orders/{order_id} GET
        /api/orders/{order_id}/status PATCH
        /api/products GET POST
        /api/products/{product_id} GET DELETE PATCH
        /health GET
        /metrics GET
        /ready GET
        /api/admin/audit-logs GET
        /api/admin/config GET
        /api/admin/users GET
        /api/admin/users/{user_id}/role PATCH
        /api/analytics/overview GET
        /api/analytics/performance GET
        /api/analytics/revenue-by-region GET
        /api/auth/register POST
        /api/campaigns GET POST
        /api/campaigns/{campaign_id} GET
        /api/campaigns/{campaign_id}/leads GET POST
        /api/campaigns/{campaign_id}/leads/{lead_id} PATCH
        /api/dashboard/summary GET
        /api/integrations/drone-shop/health GET
        /api/integrations/drone-shop/order-history GET
        /api/integrations/drone-shop/product-catalog GET
        /api/integrations/drone-shop/recommend-products POST
        /api/integrations/schema GET
        /api/integrations/status GET
        /api/integrations/topology GET
        /api/invoices GET
        /api/invoices/{invoice_id} GET
        /api/invoices/{invoice_id}/pay POST
        /api/modules GET
        /api/observability/frontend POST
        /api/products/sync/shop POST
        /api/reports GET POST
        /api/reports/execute POST
        /api/reports/revenue GET
        /api/reports/{report_id} GET
        /api/shipping GET POST
        /api/shipping/by-region GET
        /api/shipping/warehouses GET
        /api/shipping/{shipment_id} GET
        /api/shipping/{shipment_id}/status PATCH
        /api/shops GET POST
        /api/shops/{shop_id} DELETE GET PATCH
        /api/tickets GET POST
        /api/tickets/{ticket_id} GET PATCH
        /api/admin/chaos/apply POST
        /api/admin/chaos/clear POST
        /api/admin/chaos/presets GET
        /api/admin/chaos/state GET
        /api/admin/debug GET
        /api/auth/sso/callback GET
        /api/auth/sso/login GET
        /api/auth/sso/status GET
        /api/dashboard/n-plus-one GET
        /api/dashboard/slow-query GET
        /api/files/download GET
        /api/files/import-url POST
        /api/files/parse-xml POST
        /api/files/upload POST
        /api/integrations/console/config GET
        /api/integrations/console/connections GET
        /api/integrations/drone-shop/simulate/configured GET
        /api/integrations/drone-shop/simulate/reset POST
        /api/integrations/drone-shop/simulate/status GET
        /api/integrations/mushop/health GET
        /api/integrations/mushop/order-history GET
        /api/integrations/mushop/product-catalog GET
        /api/integrations/mushop/recommend-products POST
        /api/invoices/{invoice_id}/pdf GET
        /api/keys/generate POST
        /api/keys/list GET
        /api/keys/validate GET
        /api/reports/export GET
        /api/reports/import POST
        /api/simulate/add-customer POST
        /api/simulate/app-exception POST
        /api/simulate/configure POST
        /api/simulate/create-customer POST
        /api/simulate/db-disconnect POST
        /api/simulate/db-error POST
        /api/simulate/db-latency POST
        /api/simulate/drone-shop/{action} GET POST
        /api/simulate/error-burst POST
        /api/simulate/generate-backlog POST
        /api/simulate/generate-orders POST
        /api/simulate/high-value-order POST
        /api/simulate/n-plus-one POST
        /api/simulate/reset POST
        /api/simulate/slow-query POST
        /api/simulate/status GET
        /api/simulate/sync-customers POST
        /api/tickets/redirect GET
        /openapi.json GET
    """,
}


def rows(table):
    """{(service, method, path)}, each parameter of a path as {}."""
    found = set()
    for service, text in table.items():
        for line in text.split("\n"):
            path, *methods = line.split() or [""]
            found |= {(service, method, re.sub(r"\{[^}]*\}", "{}", path)) for method in methods}
    return found
