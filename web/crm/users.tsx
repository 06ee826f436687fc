/* Users and what their role lets them do: for administrators. */
import { useCallback, useState } from "react";

import { send } from "../kit/api";
import { FormDialog, optionsOf } from "../kit/formdialog";
import { Choice, CursorList, Drawer, DrawerOf, hrefOfId, Name, Search, useChosen } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { sentence } from "../kit/states";
import { Badge, Button, Empty, Kv, Link, PageTitle, ProblemNote, Time, useForm, useParam, useToast, type Column } from "../kit/ui";
import { Avatar } from "./parts";
import { RoleNote, useMay, useSession } from "./session";
import type { AdminUser } from "./types";
import { APP, ROLES } from "./words";

function Active({ user }: { user: AdminUser }) {
  return <Badge tone={user.is_active ? "ok" : undefined}>{user.is_active ? "Active" : "May not sign in"}</Badge>;
}

const COLUMNS: Column<AdminUser>[] = [
  { id: "name", head: "User", className: "full", cell: (row) => <><Link className="cell" href={hrefOfId(row.id)}><Name text={row.username} /></Link><span className="sub"><Name text={row.email} /></span></> },
  { id: "role", head: "Role", cell: (row) => sentence(row.role) },
  { id: "state", head: "State", className: "r", cell: (row) => <Active user={row} /> },
  { id: "last", head: "Last sign-in", isNumber: true, className: "hide-s", cell: (row) => row.last_login === null ? <span className="muted">never</span> : <Time at={row.last_login} /> },
];

function UserDrawer({ id, onChange }: { id: number; onChange: () => void }) {
  const loaded = useGet<{ user: AdminUser }>(`/api/admin/users/${id}`);
  const { user: self } = useSession();
  const [isEdit, setEdit] = useState(false);
  const keyFor = useSendKey();
  const say = useToast();
  const done = () => { loaded.reload(); onChange(); };
  const turn = useForm(async () => {
    const body = { is_active: !loaded.value!.user.is_active };
    await send("PATCH", `/api/admin/users/${id}`, body, { key: keyFor([loaded.etag, body]), etag: loaded.etag ?? undefined });
    say(body.is_active ? "The user may sign in again." : "The user may no longer sign in; all sessions have ended.");
    done();
  });
  return (
    <DrawerOf loaded={loaded} what="User">
      {({ user }) => (
        <Drawer label={`User ${user.id}`} lead={<Avatar name={user.username} large />} title={<Name text={user.username} />} sub={<Name text={user.email} />}
          actions={user.username !== self?.username && <><Button size="sm" onClick={() => setEdit(true)}>Change role</Button><Button size="sm" busy={turn.isBusy ? "Changing" : undefined} onClick={() => turn.submit()}>{user.is_active ? "Lock out" : "Let in again"}</Button></>}>
          <div className="panel-sec stack stack-3">
            {turn.problem !== undefined && <ProblemNote problem={turn.problem} />}
            <Kv pairs={[["Role", sentence(user.role)], ["State", <Active user={user} />], ["Last sign-in", user.last_login === null ? "never" : <Time at={user.last_login} />], ["Since", <Time at={user.created_at} style="day" />]]} />
            {user.username === self?.username && <p className="small muted">This is you: another administrator can change your role.</p>}
          </div>
          {isEdit && <FormDialog title={`Change the role of ${user.username}?`} verb="Change role" busy="Changing role" done="Role changed; all sessions have ended" isChange onClose={() => setEdit(false)} onNewer={loaded.reload}
            initial={{ role: user.role }} fields={[{ name: "role", label: "Role", kind: "select", options: optionsOf(ROLES, sentence), hint: "All sessions of the user end." }]}
            send={async (body) => {
              await send("PATCH", `/api/admin/users/${id}/role`, { role: user.role, ...body }, { key: keyFor([loaded.etag, body]), etag: loaded.etag ?? undefined });
              done();
            }} />}
        </Drawer>
      )}
    </DrawerOf>
  );
}

export function UsersPage() {
  const [q] = useParam("q");
  const [role] = useParam("role");
  const [status] = useParam("status");
  const chosen = useChosen();
  const mayAdminister = useMay("administer");
  const [isNew, setNew] = useState(false);
  const keyFor = useSendKey();
  const [reload, setReload] = useState<() => void>(() => () => undefined);
  const keep = useCallback((next: () => void) => setReload(() => next), []);
  if (!mayAdminister) {
    return (
      <>
        <PageTitle tab="Users" app={APP}>Users</PageTitle>
        <section className="card card-pad"><RoleNote right="administer" doing="seeing users" /></section>
      </>
    );
  }
  return (
    <>
      <div className="page-head">
        <PageTitle tab="Users" app={APP}>Users</PageTitle>
        <Button kind="primary" icon="plus" onClick={() => setNew(true)}>New user</Button>
      </div>
      <div className={chosen === undefined ? "grid" : "grid g-cust"}>
        <CursorList<AdminUser> path="/api/admin/users" name="users" what="users" caption="Users" columns={COLUMNS} keyOf={(row) => row.id} hrefOf={(row) => hrefOfId(row.id)}
          selected={chosen} params={{ search: q, role, status }} isFiltered={q + role + status !== ""} empty={<Empty title="No users" />} onReload={keep}
          filters={<><Search label="Name or e-mail" /><div className="filters"><Choice name="role" label="Role" words={ROLES} /><Choice name="status" label="State" words={["active", "inactive"]} /></div></>} />
        {chosen !== undefined && <UserDrawer key={chosen} id={chosen} onChange={reload} />}
      </div>
      {isNew && <FormDialog title="New user" verb="Make user" busy="Making user" done="User made" onClose={() => setNew(false)} initial={{ role: "viewer" }}
        fields={[
          { name: "username", label: "User name", isRequired: true, hint: "Letters, digits, dots, dashes." }, { name: "email", label: "E-mail", kind: "email", isRequired: true },
          { name: "password", label: "Password", kind: "password", isRequired: true, hint: "At least 12 characters." }, { name: "role", label: "Role", kind: "select", options: optionsOf(ROLES, sentence) },
        ]}
        send={async (body) => { await send("POST", "/api/admin/users", body, { key: keyFor(body) }); reload(); }} />}
    </>
  );
}
