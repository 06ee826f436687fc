/* Campaigns of the shop with what they cost and the leads they brought. */
import { useCallback, useState } from "react";

import { send } from "../kit/api";
import { count, money } from "../kit/format";
import { FormDialog, optionsOf, type FieldSpec } from "../kit/formdialog";
import { Choice, CursorList, Drawer, DrawerOf, Name, hrefOfId, useChosen } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { State, sentence } from "../kit/states";
import { Button, Empty, Kv, Link, PageTitle, Time, useParam, type Column } from "../kit/ui";
import { useMay } from "./session";
import { APP, CAMPAIGNS } from "./words";

interface Campaign {
  id: number;
  name: string;
  campaign_type: string;
  status: string;
  budget: number;
  spent: number;
  target_audience: string | null;
  start_date: string | null;
  end_date: string | null;
  lead_count: number;
}

const STATUSES = ["draft", "active", "paused", "completed"];
const TYPES = ["email", "social", "ppc", "referral", "display"];
const LEADS = ["new", "contacted", "qualified", "converted", "lost"];

const COLUMNS: Column<Campaign>[] = [
  { id: "name", head: "Campaign", className: "full", cell: (row) => <><Link className="cell" href={hrefOfId(row.id)}><Name text={row.name} /></Link><span className="sub"><Name text={row.target_audience} /></span></> },
  { id: "type", head: "Kind", cell: (row) => row.campaign_type === "ppc" ? "PPC" : sentence(row.campaign_type) },
  { id: "leads", head: "Leads", isNumber: true, className: "hide-s", cell: (row) => count(row.lead_count) },
  { id: "spent", head: "Spent", isNumber: true, className: "hide-s", cell: (row) => money(row.spent, { whole: true }) },
  { id: "budget", head: "Budget", isNumber: true, className: "hide-s", cell: (row) => money(row.budget, { whole: true }) },
  { id: "status", head: "State", className: "r", cell: (row) => <State word={row.status} /> },
];

const FIELDS: FieldSpec[] = [
  { name: "name", label: "Name", isRequired: true }, { name: "budget", label: "Budget, dollars", kind: "number" }, { name: "target_audience", label: "For whom" },
];

function One({ id, onChange }: { id: number; onChange: () => void }) {
  const loaded = useGet<{ campaign: Campaign; lead_stats: Record<string, number> }>(`/api/campaigns/${id}`);
  const mayPlan = useMay("plan");
  const [isEdit, setEdit] = useState(false);
  const keyFor = useSendKey();
  return (
    <DrawerOf loaded={loaded} what="Campaign">
      {({ campaign, lead_stats: stats }) => (
        <Drawer label={`Campaign ${campaign.id}`} title={<Name text={campaign.name} most={200} />} sub={<Name text={campaign.target_audience} most={120} />}
          actions={<><State word={campaign.status} />{mayPlan && <Button size="sm" onClick={() => setEdit(true)}>Change</Button>}</>}>
          <div className="panel-sec"><Kv pairs={[
            ["Kind", sentence(campaign.campaign_type)], ["Begins", campaign.start_date !== null && <Time at={campaign.start_date} style="day" />], ["Ends", campaign.end_date !== null && <Time at={campaign.end_date} style="day" />],
            ["Spent", `${money(campaign.spent)} of ${money(campaign.budget)}`], ...LEADS.map((word): [string, number | undefined] => [sentence(word), stats[word]]),
          ]} /></div>
          {isEdit && <FormDialog title={CAMPAIGNS.changeTitle} verb="Save" busy="Saving" done="Campaign saved" isChange onClose={() => setEdit(false)} onNewer={loaded.reload}
            initial={{ name: campaign.name, budget: String(campaign.budget), target_audience: campaign.target_audience ?? "", status: campaign.status }}
            fields={[...FIELDS, { name: "status", label: "State", kind: "select", options: optionsOf(STATUSES, sentence) }]}
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
  const mayPlan = useMay("plan");
  const [isNew, setNew] = useState(false);
  const [reload, setReload] = useState<() => void>(() => () => undefined);
  const keep = useCallback((next: () => void) => setReload(() => next), []);
  const keyFor = useSendKey();
  return (
    <>
      <div className="page-head"><PageTitle tab={CAMPAIGNS.title} app={APP}>{CAMPAIGNS.title}</PageTitle>
        {mayPlan ? <Button kind="primary" icon="plus" onClick={() => setNew(true)}>{CAMPAIGNS.add}</Button> : <p className="small muted">{CAMPAIGNS.readOnly}</p>}</div>
      <div className={chosen === undefined ? "grid" : "grid g-cust"}>
        <CursorList<Campaign> path="/api/campaigns" name="campaigns" what="campaigns" caption={CAMPAIGNS.caption} columns={COLUMNS} keyOf={(row) => row.id} hrefOf={(row) => hrefOfId(row.id)} selected={chosen}
          params={{ status, campaign_type: kind }} isFiltered={status + kind !== ""} empty={<Empty title={CAMPAIGNS.none} />} onReload={keep}
          filters={<div className="filters"><Choice name="status" label="State" words={STATUSES} /><Choice name="kind" label="Kind" words={TYPES} /></div>} />
        {chosen !== undefined && <One key={chosen} id={chosen} onChange={reload} />}
      </div>
      {isNew && <FormDialog title={CAMPAIGNS.add} verb="Save" busy="Saving" done="Campaign saved" onClose={() => setNew(false)} initial={{ campaign_type: "email" }}
        fields={[...FIELDS, { name: "campaign_type", label: "Kind", kind: "select", options: optionsOf(TYPES, sentence) }]}
        send={async (body) => { await send("POST", "/api/campaigns", body, { key: keyFor(body) }); reload(); }} />}
    </>
  );
}
