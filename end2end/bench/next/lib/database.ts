// The way into the database: the same role, the same transactions and as many connections as Sheaf's.
import "server-only";
import { Pool, types, type PoolClient } from "pg";

// Moments stay as text: a Date has no microseconds, and a cursor without them would skip rows.
types.setTypeParser(types.builtins.TIMESTAMPTZ, (text) =>
  text.replace(" ", "T").replace(/\+00$/, "Z"),
);
// Sizes and counts are far below what a number holds exactly.
types.setTypeParser(types.builtins.INT8, Number);

const pool = new Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.DATABASE_CONNECTIONS ?? 10),
  connectionTimeoutMillis: 5_000,
  options: "-c timezone=UTC",
  statement_timeout: 15_000,
  idle_in_transaction_session_timeout: 60_000,
});

export type Actor = { tenant: string; account: string };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Runs `work` in a transaction in which the actor's tenant and account are set. Opening it is one round trip. */
export async function inTenant<T>(
  actor: Actor,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  if (!UUID.test(actor.tenant) || !UUID.test(actor.account)) {
    throw new Error("an id is not a UUID");
  }
  const client = await pool.connect();
  let failed = true;
  try {
    await client.query(
      `BEGIN; SELECT set_config('app.tenant_id', '${actor.tenant}', true);` +
        ` SELECT set_config('app.account_id', '${actor.account}', true)`,
    );
    const result = await work(client);
    await client.query("COMMIT");
    failed = false;
    return result;
  } finally {
    // A connection whose transaction failed is closed, which rolls it back.
    client.release(failed);
  }
}
