// Load as people make it, on one tenant or on many: told what to do in a line of JSON, it says what came of it in another.
//
// closed: so many people, each of whom asks again as soon as they have an answer. It shows how much a server can do.
// open:   so many requests a second, which come when they come, whether or not the ones before are answered. Each is timed from
//         when it was meant to begin, so that whoever has to wait for a slow one before them is counted as waiting.
//
// It asks for more than pages: people sign in, upload, and listen to what changes. Its own CPU is no part of any figure, but it
// takes some of the same machine: it renders nothing, and throws away what it reads.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
} from "node:crypto";
import http from "node:http";
import { createInterface } from "node:readline";

/** How long an access token is used, in milliseconds; it is good for five minutes. */
const TOKEN_USED = 4 * 60 * 1000;

/** How long a stream of changes is listened to, in milliseconds. */
const LISTENED = 5_000;

/** Whatever takes longer has failed, in milliseconds. */
const TIMEOUT = 20_000;

/** More at once would be more than a machine has ports for; whoever comes then waits, and that is counted. */
const MOST_SOCKETS = 512;

/** Requests of an open load that wait for a socket. Beyond it the server has long been lost, and waiting is of no use. */
const MOST_WAITING = 20_000;

const WORDS = ["lease", "retention", "sheaf", "word42", "word7"];

/** Numbers that follow from a seed: mulberry32, so that each run asks for the same. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Access tokens as Sheaf signs them (RFC 9068): to sign in a thousand people first would take longer than the load. */
class Tokens {
  constructor(der) {
    this.key = createPrivateKey({
      key: withoutPublic(Buffer.from(der, "base64")),
      format: "der",
      type: "pkcs8",
    });
    const raw = createPublicKey(this.key).export({ format: "jwk" }).x;
    const id = createHash("sha256")
      .update(Buffer.from(raw, "base64url"))
      .digest()
      .subarray(0, 9);
    this.header = base64({
      typ: "at+jwt",
      alg: "EdDSA",
      kid: id.toString("base64url"),
    });
    this.made = new Map();
  }

  cookie(person) {
    const now = Date.now();
    const kept = this.made.get(person.session);
    if (kept !== undefined && now - kept.at < TOKEN_USED) return kept.cookie;
    const iat = Math.floor(now / 1000);
    const said = {
      iss: "sheaf",
      aud: "sheaf-web",
      sub: person.account,
      tid: person.tenant,
      sid: person.session,
      sv: person.version,
      role: person.role,
      iat,
      nbf: iat,
      exp: iat + 300,
    };
    const signed = `${this.header}.${base64(said)}`;
    const cookie = `__Host-at=${signed}.${sign(null, Buffer.from(signed), this.key).toString("base64url")}`;
    this.made.set(person.session, { at: now, cookie });
    return cookie;
  }
}

/** The same Ed25519 key without its public half (RFC 8410), as OpenSSL 3.0 reads none of RFC 5958 that has one. */
function withoutPublic(der) {
  const seed = der.indexOf(Buffer.from("04220420", "hex")) + 4;
  return Buffer.concat([
    Buffer.from("302e020100300506032b657004220420", "hex"),
    der.subarray(seed, seed + 32),
  ]);
}

function base64(value) {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** A server under load, and what came of it. */
class Load {
  constructor(order) {
    this.order = order;
    this.random = randomFrom(order.seed);
    this.tokens = new Tokens(order.key);
    const { hostname, port } = new URL(order.url);
    this.address = { hostname, port };
    this.agent = new http.Agent({
      keepAlive: true,
      maxSockets: MOST_SOCKETS,
      scheduling: "lifo",
    });
    this.acts = Object.entries(order.mix);
    this.weight = this.acts.reduce((sum, [, weight]) => sum + weight, 0);
    this.times = Object.fromEntries(this.acts.map(([act]) => [act, []]));
    this.errors = {};
    this.sent = 0;
    this.listening = new Set();
  }

  /** Chooses who does what, and does it. Resolves when it is answered. */
  async act(begun) {
    const act = this.choose();
    this.sent += 1;
    try {
      await this.doing(act);
      this.times[act].push(performance.now() - begun);
    } catch (error) {
      const what = `${act}: ${error.message}`;
      this.errors[what] = (this.errors[what] ?? 0) + 1;
    }
  }

  choose() {
    let at = this.random() * this.weight;
    const found = this.acts.find(([, weight]) => (at -= weight) < 0);
    return (found ?? this.acts[0])[0];
  }

  doing(act) {
    const { people } = this.order;
    const person = people[Math.floor(this.random() * people.length)];
    switch (act) {
      case "list":
        return this.page(person, "/documents");
      case "search":
        return this.page(
          person,
          `/search?q=${WORDS[this.sent % WORDS.length]}`,
        );
      case "read":
        return this.page(
          person,
          `/documents/${person.documents[this.sent % person.documents.length]}`,
        );
      case "upload":
        return this.upload(person);
      case "events":
        return this.listen(person);
      case "sign_in":
        return this.signIn(person);
      default:
        throw new Error(`nobody knows how to ${act}`);
    }
  }

  page(person, path) {
    return this.ask(
      { path, headers: { Cookie: this.tokens.cookie(person) } },
      200,
    );
  }

  /** A letter that nobody has uploaded before. */
  upload(person) {
    const edge = "sheaf-load";
    const text = `Letter ${this.order.seed} ${this.sent}\n${"All is well here. ".repeat(200)}`;
    const head = `Content-Disposition: form-data; name="file"; filename="letter ${this.order.seed} ${this.sent}.txt"`;
    const body = `--${edge}\r\n${head}\r\nContent-Type: text/plain\r\n\r\n${text}\r\n--${edge}--\r\n`;
    const headers = {
      Cookie: this.tokens.cookie(person),
      Accept: "application/json",
      "Content-Type": `multipart/form-data; boundary=${edge}`,
    };
    return this.ask({ method: "POST", path: "/uploads", headers }, 202, body);
  }

  /** From an address of their own, as people do: from one address so many would be an attack. */
  signIn(person) {
    const number = this.order.seed * 65_536 + this.sent;
    const from = [16, 8, 0].map((bits) => (number >>> bits) & 255).join(".");
    const body = new URLSearchParams({
      email: person.email,
      password: this.order.password,
    }).toString();
    const headers = {
      "Content-Type": "application/x-www-form-urlencoded",
      "X-Forwarded-For": `10.${from}`,
    };
    return this.ask({ method: "POST", path: "/sign-in", headers }, 303, body);
  }

  ask(request, expected, body) {
    const options = {
      ...this.address,
      agent: this.agent,
      timeout: TIMEOUT,
      ...request,
    };
    if (body !== undefined) {
      options.headers["Content-Length"] = Buffer.byteLength(body);
      options.headers["Sec-Fetch-Site"] = "same-origin";
    }
    return new Promise((resolve, reject) => {
      const asked = http.request(options, (answer) => {
        answer.on("error", reject);
        answer.on("end", () =>
          answer.statusCode === expected
            ? resolve()
            : reject(new Error(`answered ${answer.statusCode}`)),
        );
        answer.resume();
      });
      asked.on("timeout", () => asked.destroy(new Error("no answer in time")));
      asked.on("error", reject);
      asked.end(body);
    });
  }

  /** Resolves with the first word of the stream, which stays open for a while. */
  listen(person) {
    const headers = {
      Cookie: this.tokens.cookie(person),
      Accept: "text/event-stream",
    };
    return new Promise((resolve, reject) => {
      const asked = http.request(
        { ...this.address, agent: false, path: "/events", headers },
        (answer) => {
          if (answer.statusCode !== 200)
            reject(new Error(`answered ${answer.statusCode}`));
          answer.on("data", resolve);
          answer.on("error", reject);
        },
      );
      this.listening.add(asked);
      const end = setTimeout(() => asked.destroy(), LISTENED);
      asked.on("close", () => {
        clearTimeout(end);
        this.listening.delete(asked);
        reject(new Error("ended without a word"));
      });
      asked.on("error", reject);
      asked.end();
    });
  }

  /** Ends what is still open. */
  end() {
    for (const asked of this.listening) asked.destroy();
    this.agent.destroy();
  }
}

/** So many people who ask one after the other. */
async function closed(load, { connections, seconds }) {
  const end = performance.now() + seconds * 1000;
  const person = async () => {
    while (performance.now() < end) await load.act(performance.now());
  };
  await Promise.all(Array.from({ length: connections }, person));
}

/** So many requests a second, with the gaps between them of a Poisson process: people do not take turns. */
async function open(load, { rate, seconds }) {
  const begun = performance.now();
  const end = begun + seconds * 1000;
  let next = begun;
  const under = new Set();
  while (next < end) {
    const now = performance.now();
    for (
      ;
      next <= now && next < end;
      next += (-Math.log(1 - load.random()) / rate) * 1000
    ) {
      if (under.size >= MOST_WAITING)
        throw new Error("the server has fallen hopelessly behind");
      const one = load.act(next).finally(() => under.delete(one));
      under.add(one);
    }
    // Timers are as coarse as a millisecond: what was due meanwhile is sent at once, and timed from when it was due.
    await new Promise((go) =>
      setTimeout(go, Math.max(0, next - performance.now())),
    );
  }
  await Promise.all(under);
}

function percentile(sorted, share) {
  return (
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  );
}

function told(times) {
  const sorted = Float64Array.from(times).sort();
  return {
    count: sorted.length,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
  };
}

async function run(order) {
  const load = new Load(order);
  const begun = performance.now();
  await (order.mode === "open" ? open(load, order) : closed(load, order));
  const seconds = (performance.now() - begun) / 1000;
  load.end();
  const acts = Object.fromEntries(
    Object.entries(load.times).map(([act, times]) => [act, told(times)]),
  );
  const pages = ["list", "search", "read"].flatMap(
    (act) => load.times[act] ?? [],
  );
  const all = Object.values(load.times).flat();
  return {
    seconds,
    errors: load.errors,
    acts,
    pages: told(pages),
    all: told(all),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(line)))}\n`);
}
