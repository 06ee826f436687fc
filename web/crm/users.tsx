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
import { ROLES } from "./states";
import { APP } from "./words/app";
import { USERS } from "./words/users";

function Active({ user }: { user: AdminUser }) {
  return <Badge tone={user.is_active ? "ok" : undefined}>{user.is_active ? USERS.active : USERS.mayNotSignIn}</Badge>;
}

const COLUMNS: Column<AdminUser>[] = [
  { id: "name", head: USERS.user, className: "full", cell: (row) => <><Link className="cell" href={hrefOfId(row.id)}><Name text={row.username} /></Link><span className="sub"><Name text={row.email} /></span></> },
  { id: "role", head: USERS.role, cell: (row) => sentence(row.role) },
  { id: "state", head: USERS.state, className: "r", cell: (row) => <Active user={row} /> },
  { id: "last", head: USERS.lastSignIn, isNumber: true, className: "hide-s", cell: (row) => row.last_login === null ? <span className="muted">{USERS.never}</span> : <Time at={row.last_login} /> },
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
    say(body.is_active ? USERS.theUserMaySignIn : USERS.theUserMayNoLonger);
    done();
  });
  return (
    <DrawerOf loaded={loaded} what={USERS.user}>
      {({ user }) => (
        <Drawer label={USERS.userOf(user.id)} lead={<Avatar name={user.username} large />} title={<Name text={user.username} />} sub={<Name text={user.email} />}
          actions={user.username !== self?.username && <><Button size="sm" onClick={() => setEdit(true)}>{USERS.changeRole}</Button><Button size="sm" busy={turn.isBusy ? USERS.changing : undefined} onClick={() => turn.submit()}>{user.is_active ? USERS.lockOut : USERS.letInAgain}</Button></>}>
          <div className="panel-sec stack stack-3">
            {turn.problem !== undefined && <ProblemNote problem={turn.problem} />}
            <Kv pairs={[[USERS.role, sentence(user.role)], [USERS.state, <Active user={user} />], [USERS.lastSignIn, user.last_login === null ? USERS.never : <Time at={user.last_login} />], [USERS.since, <Time at={user.created_at} style="day" />]]} />
            {user.username === self?.username && <p className="small muted">{USERS.thisIsYouAnotherAdministrator}</p>}
          </div>
          {isEdit && <FormDialog title={USERS.changeTheRoleOf(user.username)} verb={USERS.changeRole} busy={USERS.changingRole} done={USERS.roleChangedAllSessionsHave} isChange onClose={() => setEdit(false)} onNewer={loaded.reload}
            initial={{ role: user.role }} fields={[{ name: "role", label: USERS.role, kind: "select", options: optionsOf(ROLES, sentence), hint: USERS.allSessionsOfTheUser }]}
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
        <PageTitle tab={USERS.users} app={APP}>{USERS.users}</PageTitle>
        <section className="card card-pad"><RoleNote right="administer" doing={USERS.seeingUsers} /></section>
      </>
    );
  }
  return (
    <>
      <div className="page-head">
        <PageTitle tab={USERS.users} app={APP}>{USERS.users}</PageTitle>
        <Button kind="primary" icon="plus" onClick={() => setNew(true)}>{USERS.newUser}</Button>
      </div>
      <div className={chosen === undefined ? "grid" : "grid g-cust"}>
        <CursorList<AdminUser> path="/api/admin/users" name="users" what={USERS.usersInText} caption={USERS.users} columns={COLUMNS} keyOf={(row) => row.id} hrefOf={(row) => hrefOfId(row.id)}
          selected={chosen} params={{ search: q, role, status }} isFiltered={q + role + status !== ""} empty={<Empty title={USERS.noUsers} />} onReload={keep}
          filters={<><Search label={USERS.nameOrEMail} /><div className="filters"><Choice name="role" label={USERS.role} words={ROLES} /><Choice name="status" label={USERS.state} words={["active", "inactive"]} /></div></>} />
        {chosen !== undefined && <UserDrawer key={chosen} id={chosen} onChange={reload} />}
      </div>
      {isNew && <FormDialog title={USERS.newUser} verb={USERS.makeUser} busy={USERS.makingUser} done={USERS.userMade} onClose={() => setNew(false)} initial={{ role: "viewer" }}
        fields={[
          { name: "username", label: USERS.userName, isRequired: true, hint: USERS.lettersDigitsDotsDashes }, { name: "email", label: USERS.eMail, kind: "email", isRequired: true },
          { name: "password", label: USERS.password, kind: "password", isRequired: true, hint: USERS.atLeast12Characters }, { name: "role", label: USERS.role, kind: "select", options: optionsOf(ROLES, sentence) },
        ]}
        send={async (body) => { await send("POST", "/api/admin/users", body, { key: keyFor(body) }); reload(); }} />}
    </>
  );
}
