/* The portal's campaigns (web/common/campaigns.tsx), and the leads of one of them on a board: a column for each state. */
import { useState } from "react";

import * as Common from "../common/campaigns";
import { LEAD_STATUSES, type Campaign, type Lead } from "../common/campaigns";
import { ask, send } from "../kit/api";
import { FormDialog } from "../kit/formdialog";
import { Name } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { sentence } from "../kit/states";
import { Button, Link, PageTitle, ProblemNote, setParams, useForm, useParam, useToast } from "../kit/ui";
import { RoleNote, useMay } from "./session";
import type { Page } from "./types";
import { APP } from "./words/app";
import { CAMPAIGNS } from "./words/campaigns";

export function CampaignsPage() {
  return <Common.CampaignsPage app={APP} mayWrite={useMay("write")} note={<RoleNote right="write" doing={CAMPAIGNS.changingCampaigns} />} leadsHref={(campaign) => `/leads?campaign=${campaign}`} />;
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
      say(CAMPAIGNS.somebodyHasMovedThisLead(sentence(seen.value.lead.status).toLowerCase()));
      return;
    }
    await send("PATCH", path, { status: to }, { key: keyFor([seen.etag, to]), etag: seen.etag ?? undefined });
    say(CAMPAIGNS.isNow(lead.name ?? lead.email, sentence(to).toLowerCase()));
    onMoved();
  });
  return (
    <li className="card board-card">
      <b><Name text={lead.name ?? lead.email} /></b>
      <span className="small muted"><Name text={lead.email} /></span>
      <span className="row between small"><span>{sentence(lead.source)}</span>{lead.score !== null && <span>{CAMPAIGNS.score(lead.score)}</span>}</span>
      {lead.notes !== null && <span className="small soft"><Name text={lead.notes} most={160} /></span>}
      {lead.customer_id !== null && <Link className="small" href={`/customers?id=${lead.customer_id}`}>{CAMPAIGNS.customer(lead.customer_id)}</Link>}
      {form.problem !== undefined && <ProblemNote problem={form.problem} />}
      {mayWrite && (
        <form className="row" onSubmit={form.submit}>
          <select className="select sel-sm" aria-label={CAMPAIGNS.moveLeadTo(lead.id)} value={to} onChange={(event) => setTo(event.target.value)}>
            <option value="">{CAMPAIGNS.moveTo}</option>
            {LEAD_STATUSES.filter((status) => status !== lead.status).map((status) => <option key={status} value={status}>{sentence(status)}</option>)}
          </select>
          {to !== "" && <Button type="submit" size="sm" busy={form.isBusy ? CAMPAIGNS.moving : undefined}>{CAMPAIGNS.move}</Button>}
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
        <PageTitle tab={CAMPAIGNS.leads} app={APP}>{CAMPAIGNS.leads}</PageTitle>
        <div className="row row-wrap">
          <select className="select sel-campaign" aria-label={CAMPAIGNS.campaign} value={id ?? ""} onChange={(event) => setParams({ campaign: event.target.value })}>
            {known.map((campaign) => <option key={campaign.id} value={campaign.id}>{Array.from(campaign.name).slice(0, 60).join("")}</option>)}
          </select>
          {mayWrite && id !== undefined && <Button kind="primary" icon="plus" onClick={() => setNew(true)}>{CAMPAIGNS.newLead}</Button>}
        </div>
      </div>
      <RoleNote right="write" doing={CAMPAIGNS.movingLeads} />
      {leads.problem !== undefined && <ProblemNote problem={leads.problem} what={CAMPAIGNS.leadsCouldNotBeLoaded} />}
      {leads.value?.next_cursor != null && <p className="small warn">{CAMPAIGNS.theNewestAreShownOlder(LEADS)}</p>}
      <div className="board" tabIndex={0} role="group" aria-label={CAMPAIGNS.leadsByState} aria-busy={leads.isLoading || undefined}>
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
      {isNew && <FormDialog title={CAMPAIGNS.newLead} verb={CAMPAIGNS.save} busy={CAMPAIGNS.saving} done={CAMPAIGNS.leadSaved} onClose={() => setNew(false)}
        fields={[{ name: "email", label: CAMPAIGNS.eMail, kind: "email", isRequired: true }, { name: "name", label: CAMPAIGNS.name }, { name: "source", label: CAMPAIGNS.whereFrom }, { name: "score", label: CAMPAIGNS.score0To100, kind: "number" }, { name: "notes", label: CAMPAIGNS.note, kind: "area" }]}
        send={async (body) => { await send("POST", `/api/campaigns/${id}/leads`, body, { key: keyFor(body) }); leads.reload(); }} />}
    </>
  );
}
