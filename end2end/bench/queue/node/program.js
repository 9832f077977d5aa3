// One peer of bench-queue, as a program that is told what to do: a line of JSON in, a line of JSON out.
//
//   node program.js bullmq|graphile|pg_boss
//
// {"do": "one", "jobs": 100}                        enqueues one job after the other
// {"do": "bulk", "jobs": 1000, "batch": 1000}       enqueues them in batches
// {"do": "steady", "rate": 100, "seconds": 20}      enqueues one by one at this rate
// {"do": "start"}, {"do": "stop", "jobs": 100}      works until so many jobs are done; says how long each had waited
// {"do": "drain", "jobs": 100}                      the same in one
// {"do": "left"}                                    how many jobs are not done yet
//
// Its first line tells its settings. It ends when its input does.
import { createInterface } from "node:readline";

const peer = await (await import(`./${process.argv[2]}.js`)).open();
let worker;

const commands = {
  async one({ jobs }) {
    for (let i = 0; i < jobs; i++) {
      await peer.one({ at: now() });
    }
  },

  async bulk({ jobs, batch }) {
    for (let left = jobs; left > 0; left -= batch) {
      const at = now();
      await peer.bulk(
        Array.from({ length: Math.min(batch, left) }, () => ({ at })),
      );
    }
  },

  // At their times, whether or not the one before is written already.
  async steady({ rate, seconds }) {
    const began = now();
    const enqueued = [];
    for (let i = 0; i < rate * seconds; i++) {
      await sleep(began + (i * 1000) / rate - now());
      enqueued.push(peer.one({ at: now() }));
    }
    await Promise.all(enqueued);
    return { jobs: enqueued.length };
  },

  async start() {
    worker = new Worker();
    await worker.start();
  },

  async stop({ jobs }) {
    await worker.done(jobs);
    await worker.stop();
    return { jobs: worker.waits.length, waits: worker.waits };
  },

  async drain({ jobs }) {
    worker = new Worker();
    const began = now();
    await worker.start();
    await worker.done(jobs);
    const seconds = (now() - began) / 1000;
    await worker.stop();
    return { seconds };
  },

  async left() {
    return { jobs: await peer.left() };
  },
};

class Worker {
  waits = [];
  #awaited = Infinity;
  #reached = () => {};

  async start() {
    this.stop = await peer.work((job) => {
      this.waits.push(now() - job.at);
      if (this.waits.length >= this.#awaited) this.#reached();
    });
  }

  done(jobs) {
    return new Promise((resolve) => {
      this.#awaited = jobs;
      this.#reached = resolve;
      if (this.waits.length >= jobs) resolve();
    });
  }
}

// Milliseconds, the same in all processes.
function now() {
  return performance.timeOrigin + performance.now();
}

function sleep(milliseconds) {
  return new Promise((resolve) =>
    setTimeout(resolve, Math.max(0, milliseconds)),
  );
}

function say(words) {
  process.stdout.write(`${JSON.stringify(words)}\n`);
}

say({ settings: peer.settings });
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const began = now();
  const result = await commands[command.do](command);
  say({ seconds: (now() - began) / 1000, ...result });
}
await peer.close();
process.exit(0);
