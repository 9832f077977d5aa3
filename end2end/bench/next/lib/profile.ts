// The person and the workspace, for the frame around every page.
import "server-only";
import { inTenant } from "./database";
import { member } from "./session";

export type Profile = { name: string; email: string; tenant_name: string };

export async function profile(): Promise<Profile> {
  const actor = await member();
  const { rows } = await inTenant(actor, (client) =>
    client.query<Profile>({
      name: "profile",
      text: `select a.id as account, a.name, a.email, t.tenant_id as tenant, t.name as tenant_name
             from membership m
             join account a on a.id = m.account_id
             join tenant t on t.tenant_id = m.tenant_id
             where m.tenant_id = $1 and m.account_id = $2`,
      values: [actor.tenant, actor.account],
    }),
  );
  if (rows[0] === undefined) throw new Error("a member without a membership");
  return rows[0];
}
