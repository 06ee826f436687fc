/* Campaigns with what they cost, and the leads of one of them on a board: a column for each state. */
import { useCallback, useState } from "react";

import { ask, send } from "../kit/api";
import { money } from "../kit/format";
import { FormDialog, optionsOf, type FieldSpec } from "../kit/formdialog";
import { Choice, CursorList, Drawer, DrawerOf, hrefOfId, Name, useChosen } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { sentence, State } from "../kit/states";
import { Button, Empty, Kv, Link, PageTitle, ProblemNote, Time, setParams, useForm, useParam, useToast, type Column } from "../kit/ui";
import { Meter } from "./dashboard";
import { RoleNote, useMay } from "./session";
import type { Campaign, Lead, Page } from "./types";
import { APP, CAMPAIGN_STATUSES, CAMPAIGN_TYPES, LEAD_STATUSES } from "./words";

const COLUMNS: Column<Campaign>[] = [
  { id: "name", head: "Campaign", className: "full", cell: (row) => <><Link className="cell" href={hrefOfId(row.id)}><Name text={row.name} /></Link><span className="sub"><Name text={row.target_audience} /></span></> },
  { id: "type", head: "Kind", cell: (row) => row.campaign_type === "ppc" ? "PPC" : sentence(row.campaign_type) },
  { id: "status", head: "Status", className: "r", cell: (row) => <State word={row.status} /> },
  { id: "leads", head: "Leads", isNumber: true, className: "hide-s", cell: (row) => row.lead_count },
  { id: "spent", head: "Spent", isNumber: true, className: "hide-s", cell: (row) => money(row.spent, { whole: true }) },
  { id: "budget", head: "Budget", isNumber: true, className: "hide-s", cell: (row) => money(row.budget, { whole: true }) },
];

const FIELDS: FieldSpec[] = [
  { name: "name", label: "Name", isRequired: true }, { name: "budget", label: "Budget, dollars", kind: "number" }, { name: "target_audience", label: "For whom" },
];

function CampaignDrawer({ id, onChange }: { id: number; onChange: () => void }) {
  const loaded = useGet<{ campaign: Campaign; lead_stats: Record<string, number> }>(`/api/campaigns/${id}`);
  const mayWrite = useMay("write");
  const [isEdit, setEdit] = useState(false);
  const keyFor = useSendKey();
  return (
    <DrawerOf loaded={loaded} what="Campaign">
      {({ campaign, lead_stats: stats }) => (
        <Drawer label={`Campaign ${campaign.id}`} title={<Name text={campaign.name} most={200} />} sub={<Name text={campaign.target_audience} most={120} />}
          actions={<><State word={campaign.status} />{mayWrite && <Button size="sm" onClick={() => setEdit(true)}>Change</Button>}</>}>
          <div className="panel-sec stack stack-3">
            <Kv pairs={[
              ["Kind", sentence(campaign.campaign_type)], ["Begins", campaign.start_date !== null && <Time at={campaign.start_date} style="day" />], ["Ends", campaign.end_date !== null && <Time at={campaign.end_date} style="day" />],
              ["Spent", <span className="row">{money(campaign.spent)} of {money(campaign.budget)}<Meter share={campaign.budget > 0 ? campaign.spent / campaign.budget : 0} label="Spent of the budget" /></span>],
              ...LEAD_STATUSES.map((status): [string, number | undefined] => [sentence(status), stats[status]]),
            ]} />
            <Link className="btn" href={`/leads?campaign=${id}`}>Its leads on a board</Link>
            <RoleNote right="write" doing="changing campaigns" />
          </div>
          {isEdit && <FormDialog title="Change the campaign" verb="Save" busy="Saving" done="Campaign saved" isChange onClose={() => setEdit(false)} onNewer={loaded.reload}
            initial={{ name: campaign.name, budget: String(campaign.budget), target_audience: campaign.target_audience ?? "", status: campaign.status }}
            fields={[...FIELDS, { name: "status", label: "Status", kind: "select", options: optionsOf(CAMPAIGN_STATUSES, sentence) }]}
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

export function CampaignsPage() {
  const [status] = useParam("status");
  const [kind] = useParam("kind");
  const chosen = useChosen();
  const mayWrite = useMay("write");
  const [isNew, setNew] = useState(false);
  const keyFor = useSendKey();
  const [reload, setReload] = useState<() => void>(() => () => undefined);
  const keep = useCallback((next: () => void) => setReload(() => next), []);
  return (
    <>
      <div className="page-head">
        <PageTitle tab="Campaigns" app={APP}>Campaigns</PageTitle>
        {mayWrite && <Button kind="primary" icon="plus" onClick={() => setNew(true)}>New campaign</Button>}
      </div>
      <div className={chosen === undefined ? "grid" : "grid g-cust"}>
        <CursorList<Campaign> path="/api/campaigns" name="campaigns" what="campaigns" caption="Campaigns, newest first" columns={COLUMNS} keyOf={(row) => row.id} hrefOf={(row) => hrefOfId(row.id)}
          selected={chosen} params={{ status, campaign_type: kind }} isFiltered={status + kind !== ""} empty={<Empty title="No campaigns yet" />} onReload={keep}
          filters={<div className="filters"><Choice name="status" label="Status" words={CAMPAIGN_STATUSES} /><Choice name="kind" label="Kind" words={CAMPAIGN_TYPES} /></div>} />
        {chosen !== undefined && <CampaignDrawer key={chosen} id={chosen} onChange={reload} />}
      </div>
      {isNew && <FormDialog title="New campaign" verb="Save" busy="Saving" done="Campaign saved" onClose={() => setNew(false)} initial={{ campaign_type: "email" }}
        fields={[...FIELDS, { name: "campaign_type", label: "Kind", kind: "select", options: optionsOf(CAMPAIGN_TYPES, sentence) }]}
        send={async (body) => { await send("POST", "/api/campaigns", body, { key: keyFor(body) }); reload(); }} />}
    </>
  );
}

/* ---- the board ---- */

const LEADS = 200;

/** A lead, and a select that moves it to another column: by mouse, by keys, on a telephone alike. */
function LeadCard({ lead, onMoved }: { lead: Lead; onMoved: () => void }) {
  const mayWrite = useMay("write");
  const [to, setTo] = useState("");
  const keyFor = useSendKey();
  const say = useToast();
  const path = `/api/campaigns/${lead.campaign_id}/leads/${lead.id}`;
  const form = useForm(async () => {
    const seen = await ask<{ lead: Lead }>(path); // the list does not tell versions
    if (seen.value.lead.status !== lead.status) {
      onMoved();
      say(`Somebody has moved this lead to ${sentence(seen.value.lead.status).toLowerCase()} meanwhile.`);
      return;
    }
    await send("PATCH", path, { status: to }, { key: keyFor([seen.etag, to]), etag: seen.etag ?? undefined });
    say(`${lead.name ?? lead.email} is ${sentence(to).toLowerCase()} now.`);
    onMoved();
  });
  return (
    <li className="card board-card">
      <b><Name text={lead.name ?? lead.email} /></b>
      <span className="small muted"><Name text={lead.email} /></span>
      <span className="row between small"><span>{sentence(lead.source)}</span>{lead.score !== null && <span>Score {lead.score}</span>}</span>
      {lead.notes !== null && <span className="small soft"><Name text={lead.notes} most={160} /></span>}
      {lead.customer_id !== null && <Link className="small" href={`/customers?id=${lead.customer_id}`}>Customer {lead.customer_id}</Link>}
      {form.problem !== undefined && <ProblemNote problem={form.problem} />}
      {mayWrite && (
        <form className="row" onSubmit={form.submit}>
          <select className="select sel-sm" aria-label={`Move lead ${lead.id} to`} value={to} onChange={(event) => setTo(event.target.value)}>
            <option value="">Move to</option>
            {LEAD_STATUSES.filter((status) => status !== lead.status).map((status) => <option key={status} value={status}>{sentence(status)}</option>)}
          </select>
          {to !== "" && <Button type="submit" size="sm" busy={form.isBusy ? "Moving" : undefined}>Move</Button>}
        </form>
      )}
    </li>
  );
}

export function LeadsPage() {
  const campaigns = useGet<Page & { campaigns: Campaign[] }>("/api/campaigns", { limit: 100 });
  const [asked] = useParam("campaign");
  const known = campaigns.value?.campaigns ?? [];
  const first = known.find((campaign) => campaign.lead_count > 0) ?? known[0];
  const id = /^\d+$/.test(asked) ? Number(asked) : first?.id;
  const leads = useGet<Page & { leads: Lead[] }>(id === undefined ? null : `/api/campaigns/${id}/leads`, { limit: LEADS });
  const mayWrite = useMay("write");
  const [isNew, setNew] = useState(false);
  const keyFor = useSendKey();
  const rows = leads.value?.leads ?? [];
  return (
    <>
      <div className="page-head">
        <PageTitle tab="Leads" app={APP}>Leads</PageTitle>
        <div className="row row-wrap">
          <select className="select sel-campaign" aria-label="Campaign" value={id ?? ""} onChange={(event) => setParams({ campaign: event.target.value })}>
            {known.map((campaign) => <option key={campaign.id} value={campaign.id}>{Array.from(campaign.name).slice(0, 60).join("")}</option>)}
          </select>
          {mayWrite && id !== undefined && <Button kind="primary" icon="plus" onClick={() => setNew(true)}>New lead</Button>}
        </div>
      </div>
      <RoleNote right="write" doing="moving leads" />
      {leads.problem !== undefined && <ProblemNote problem={leads.problem} what="Leads could not be loaded." />}
      {leads.value?.next_cursor != null && <p className="small warn">The newest {LEADS} are shown; older ones are not.</p>}
      <div className="board" tabIndex={0} role="group" aria-label="Leads by state" aria-busy={leads.isLoading || undefined}>
        {LEAD_STATUSES.map((status) => {
          const own = rows.filter((lead) => lead.status === status);
          return (
            <section key={status} className="board-column" aria-labelledby={`column-${status}`}>
              <div className="row between"><h2 className="small" id={`column-${status}`}>{sentence(status)}</h2><span className="muted small">{own.length}</span></div>
              <ul className="stack stack-2">{own.map((lead) => <LeadCard key={lead.id} lead={lead} onMoved={leads.reload} />)}</ul>
            </section>
          );
        })}
      </div>
      {isNew && <FormDialog title="New lead" verb="Save" busy="Saving" done="Lead saved" onClose={() => setNew(false)}
        fields={[{ name: "email", label: "E-mail", kind: "email", isRequired: true }, { name: "name", label: "Name" }, { name: "source", label: "Where from" }, { name: "score", label: "Score, 0 to 100", kind: "number" }, { name: "notes", label: "Note", kind: "area" }]}
        send={async (body) => { await send("POST", `/api/campaigns/${id}/leads`, body, { key: keyFor(body) }); leads.reload(); }} />}
    </>
  );
}
