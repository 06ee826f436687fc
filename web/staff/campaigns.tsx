/* The shop's campaigns (web/common/campaigns.tsx), and the leads that came by one of them. */
import * as Common from "../common/campaigns";
import { LEAD_STATUSES, type Campaign, type Lead } from "../common/campaigns";
import { Choice, CursorList, Name } from "../kit/lists";
import { useGet } from "../kit/load";
import { State, sentence } from "../kit/states";
import { Empty, LongText, PageTitle, ProblemNote, Skeleton, Time, setParams, useParam, type Column } from "../kit/ui";
import { useMay } from "./session";
import { CAMPAIGNS, LEADS } from "./words/campaigns";
import { APP } from "./words/staff";

export function CampaignsPage() {
  const mayPlan = useMay("plan");
  return <Common.CampaignsPage app={APP} mayWrite={mayPlan} note={mayPlan ? undefined : <p className="small muted">{CAMPAIGNS.readOnly}</p>} leadsHref={(campaign) => `/staff/leads?campaign=${campaign}`} />;
}

const COLUMNS: Column<Lead>[] = [
  { id: "who", head: LEADS.columns.who, cell: (row) => <><span className="strong"><Name text={row.name ?? row.email} /></span><span className="sub"><Name text={row.email} /></span></> },
  { id: "status", head: LEADS.columns.status, className: "r", cell: (row) => <State word={row.status} /> },
  { id: "notes", head: LEADS.columns.notes, className: "full", cell: (row) => row.notes === null || row.notes === "" ? <span className="muted">—</span> : <LongText text={row.notes} most={160} /> },
  { id: "source", head: LEADS.columns.source, className: "hide-s", cell: (row) => <Name text={sentence(row.source)} most={30} /> },
  { id: "score", head: LEADS.columns.score, isNumber: true, className: "hide-s", cell: (row) => row.score ?? "—" },
  { id: "at", head: LEADS.columns.at, isNumber: true, className: "hide-s", cell: (row) => <span className="muted"><Time at={row.created_at} style="day" /></span> },
];

/** Of the campaign that the address names, or of the newest that has any. */
export function LeadsPage() {
  const campaigns = useGet<{ campaigns: Campaign[] }>("/api/campaigns", { limit: 100 });
  const [asked] = useParam("campaign");
  const [status] = useParam("status");
  const known = campaigns.value?.campaigns ?? [];
  const id = /^\d+$/.test(asked) ? Number(asked) : (known.find((campaign) => campaign.lead_count > 0) ?? known[0])?.id;
  return (
    <>
      <div className="page-head">
        <div><PageTitle tab={LEADS.title} app={APP}>{LEADS.title}</PageTitle><p className="soft">{LEADS.about}</p></div>
        {known.length > 0 && <select className="select sel-campaign" aria-label={LEADS.campaign} value={id ?? ""} onChange={(event) => setParams({ campaign: event.target.value, cursor: null })}>
          {known.map((campaign) => <option key={campaign.id} value={campaign.id}>{Array.from(campaign.name).slice(0, 60).join("")}</option>)}
        </select>}
      </div>
      {campaigns.problem !== undefined && <ProblemNote problem={campaigns.problem} />}
      {campaigns.value === undefined && campaigns.problem === undefined && <Skeleton lines={6} />}
      {campaigns.value !== undefined && id === undefined && <section className="card"><Empty title={LEADS.noCampaign} /></section>}
      {id !== undefined && <CursorList<Lead> key={id} path={`/api/campaigns/${id}/leads`} name="leads" what={LEADS.what} caption={LEADS.caption} columns={COLUMNS} keyOf={(row) => row.id}
        params={{ status }} isFiltered={status !== ""} empty={<Empty title={LEADS.none} />} filters={<div className="filters"><Choice name="status" label={LEADS.columns.status} words={LEAD_STATUSES} /></div>} />}
    </>
  );
}
