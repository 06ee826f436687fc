/*
 * Campaigns with what they cost and the leads they brought, one beside the list. The portal and the shop's staff have the
 * same page, each of its own service's campaigns; what differs they say.
 */
import { useState, type ReactNode } from "react";

import { send } from "../kit/api";
import { count, money } from "../kit/format";
import { FormDialog, optionsOf, type FieldSpec } from "../kit/formdialog";
import { Choice, CursorList, Drawer, DrawerOf, hrefOfId, Name, useChosen, useReload } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { sentence, State } from "../kit/states";
import { Button, Empty, Kv, Link, Meter, PageTitle, Time, useParam, type Column } from "../kit/ui";
import { CAMPAIGNS } from "./words/campaigns";

export interface Campaign {
  id: number;
  name: string;
  campaign_type: string | null;
  status: string;
  budget: number;
  spent: number;
  target_audience: string | null;
  start_date: string | null;
  end_date: string | null;
  lead_count: number;
}

export interface Lead {
  id: number;
  campaign_id: number;
  customer_id: number | null;
  customer_name: string | null;
  email: string;
  name: string | null;
  source: string | null;
  status: string;
  score: number | null;
  notes: string | null;
  created_at: string;
}

const STATUSES = ["draft", "active", "paused", "completed"];
const TYPES = ["email", "social", "ppc", "referral", "display"];
export const LEAD_STATUSES = ["new", "contacted", "qualified", "converted", "lost"];

/** What differs between who has the page. */
interface Place {
  app: string; // of the tab's title
  mayWrite: boolean;
  note?: ReactNode; // in the place of what the role may not do
  leadsHref: (campaign: number) => string;
}

function kindOf(type: string | null): string {
  return type === "ppc" ? "PPC" : sentence(type);
}

const COLUMNS: Column<Campaign>[] = [
  { id: "name", head: CAMPAIGNS.columns.name, className: "full", cell: (row) => <><Link className="cell" href={hrefOfId(row.id)}><Name text={row.name} /></Link><span className="sub"><Name text={row.target_audience} /></span></> },
  { id: "type", head: CAMPAIGNS.columns.kind, cell: (row) => kindOf(row.campaign_type) },
  { id: "status", head: CAMPAIGNS.columns.status, className: "r", cell: (row) => <State word={row.status} /> },
  { id: "leads", head: CAMPAIGNS.columns.leads, isNumber: true, className: "hide-s", cell: (row) => count(row.lead_count) },
  { id: "spent", head: CAMPAIGNS.columns.spent, isNumber: true, className: "hide-s", cell: (row) => money(row.spent, { whole: true }) },
  { id: "budget", head: CAMPAIGNS.columns.budget, isNumber: true, className: "hide-s", cell: (row) => money(row.budget, { whole: true }) },
];

const FIELDS: FieldSpec[] = [
  { name: "name", label: CAMPAIGNS.fields.name, isRequired: true },
  { name: "budget", label: CAMPAIGNS.fields.budget, kind: "number" },
  { name: "target_audience", label: CAMPAIGNS.fields.audience },
];

function CampaignDrawer({ id, place, onChange }: { id: number; place: Place; onChange: () => void }) {
  const loaded = useGet<{ campaign: Campaign; lead_stats: Record<string, number> }>(`/api/campaigns/${id}`);
  const [isEdit, setEdit] = useState(false);
  const keyFor = useSendKey();
  return (
    <DrawerOf loaded={loaded} what={CAMPAIGNS.one}>
      {({ campaign, lead_stats: stats }) => (
        <Drawer label={CAMPAIGNS.tab(campaign.id)} title={<Name text={campaign.name} most={200} />} sub={<Name text={campaign.target_audience} most={120} />}
          actions={<><State word={campaign.status} />{place.mayWrite && <Button size="sm" onClick={() => setEdit(true)}>{CAMPAIGNS.change}</Button>}</>}>
          <div className="panel-sec stack stack-3">
            <Kv pairs={[
              [CAMPAIGNS.fields.kind, kindOf(campaign.campaign_type)],
              [CAMPAIGNS.begins, campaign.start_date !== null && <Time at={campaign.start_date} style="day" />],
              [CAMPAIGNS.ends, campaign.end_date !== null && <Time at={campaign.end_date} style="day" />],
              [CAMPAIGNS.columns.spent, <span className="row">{CAMPAIGNS.spentOf(money(campaign.spent), money(campaign.budget))}<Meter share={campaign.budget > 0 ? campaign.spent / campaign.budget : 0} label={CAMPAIGNS.spentLabel} /></span>],
              ...LEAD_STATUSES.map((status): [string, number | undefined] => [sentence(status), stats[status]]),
            ]} />
            <Link className="btn" href={place.leadsHref(id)}>{CAMPAIGNS.leads}</Link>
            {place.note}
          </div>
          {isEdit && <FormDialog title={CAMPAIGNS.changeTitle} verb={CAMPAIGNS.save} busy={CAMPAIGNS.saving} done={CAMPAIGNS.saved} isChange onClose={() => setEdit(false)} onNewer={loaded.reload}
            initial={{ name: campaign.name, budget: String(campaign.budget), target_audience: campaign.target_audience ?? "", status: campaign.status }}
            fields={[...FIELDS, { name: "status", label: CAMPAIGNS.fields.status, kind: "select", options: optionsOf(STATUSES, sentence) }]}
            send={async (body) => {
              await send("PATCH", `/api/campaigns/${id}`, body, { key: keyFor([loaded.etag, body]), etag: loaded.etag ?? undefined });
              loaded.reload();
              onChange();
            }} />}
        </Drawer>
      )}
    </DrawerOf>
  );
}

export function CampaignsPage(place: Place) {
  const [status] = useParam("status");
  const [kind] = useParam("kind");
  const chosen = useChosen();
  const [isNew, setNew] = useState(false);
  const [reload, keep] = useReload();
  const keyFor = useSendKey();
  return (
    <>
      <div className="page-head">
        <PageTitle tab={CAMPAIGNS.title} app={place.app}>{CAMPAIGNS.title}</PageTitle>
        {place.mayWrite && <Button kind="primary" icon="plus" onClick={() => setNew(true)}>{CAMPAIGNS.add}</Button>}
      </div>
      <div className={chosen === undefined ? "grid" : "grid g-cust"}>
        <CursorList<Campaign> path="/api/campaigns" name="campaigns" what={CAMPAIGNS.what} caption={CAMPAIGNS.caption} columns={COLUMNS} keyOf={(row) => row.id} hrefOf={(row) => hrefOfId(row.id)}
          selected={chosen} params={{ status, campaign_type: kind }} isFiltered={status + kind !== ""} empty={<Empty title={CAMPAIGNS.none} />} onReload={keep}
          filters={<div className="filters"><Choice name="status" label={CAMPAIGNS.fields.status} words={STATUSES} /><Choice name="kind" label={CAMPAIGNS.fields.kind} words={TYPES} labelOf={kindOf} /></div>} />
        {chosen !== undefined && <CampaignDrawer key={chosen} id={chosen} place={place} onChange={reload} />}
      </div>
      {isNew && <FormDialog title={CAMPAIGNS.add} verb={CAMPAIGNS.save} busy={CAMPAIGNS.saving} done={CAMPAIGNS.saved} onClose={() => setNew(false)} initial={{ campaign_type: "email" }}
        fields={[...FIELDS, { name: "campaign_type", label: CAMPAIGNS.fields.kind, kind: "select", options: optionsOf(TYPES, kindOf) }]}
        send={async (body) => { await send("POST", "/api/campaigns", body, { key: keyFor(body) }); reload(); }} />}
    </>
  );
}
