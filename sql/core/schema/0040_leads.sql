-- Who is a lead of a campaign is one once, however often a form is sent; and leads are paged through.
-- sqlite:
CREATE UNIQUE INDEX leads_of_campaign ON leads (campaign_id, email);

-- postgres:
CREATE UNIQUE INDEX leads_of_campaign ON leads (campaign_id, email);
DROP INDEX leads_campaign_id;
CREATE INDEX leads_campaign_id ON leads (campaign_id, id);

-- oracle:
CREATE UNIQUE INDEX leads_of_campaign ON leads (campaign_id, email);
DROP INDEX leads_campaign_id;
CREATE INDEX leads_campaign_id ON leads (campaign_id, id);
