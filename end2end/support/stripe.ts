/** What stories do with the simulator of Stripe that nobody does with Stripe (`simulator/src/control.rs`). */

const base = `http://127.0.0.1:${process.env.SHEAF_STORIES_STRIPE_PORT}`;

/** An act, as in `simulate("renew", { subscription })`. */
export async function simulate(
  act: string,
  form: Record<string, string> = {},
): Promise<void> {
  const response = await fetch(`${base}/_simulator/${act}`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  if (!response.ok) {
    throw new Error(`${act}: ${await response.text()}`);
  }
}

/** The newest subscription, of whom it is, and its state. */
export async function newestSubscription(): Promise<{
  id: string;
  customer: string;
  status: string;
}> {
  const response = await fetch(`${base}/v1/subscriptions?status=all&limit=1`, {
    headers: { authorization: "Bearer sk_test_simulator" },
  });
  const list = (await response.json()) as {
    data: { id: string; customer: string; status: string }[];
  };
  const [newest] = list.data;
  if (newest === undefined) {
    throw new Error("nobody has a subscription");
  }
  return newest;
}
