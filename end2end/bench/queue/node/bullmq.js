// BullMQ on Redis, by ioredis. Batches are in its paid edition; what it documents for throughput is a high concurrency, from
// 100 to 300, and more than that does not change its CPU.
import { Queue, Worker } from "bullmq";

const NAME = "bench";
const CONCURRENCY = 300;

export async function open() {
  const { hostname, port } = new URL(process.env.REDIS_URL);
  const connection = { host: hostname, port: Number(port) };
  const queue = new Queue(NAME, { connection });
  await queue.waitUntilReady();
  return {
    settings: { concurrency: CONCURRENCY, removeOnComplete: { count: 0 } },
    one: (job) => queue.add(NAME, job),
    bulk: (jobs) => queue.addBulk(jobs.map((data) => ({ name: NAME, data }))),
    async work(handle) {
      const worker = new Worker(NAME, async (job) => handle(job.data), {
        connection,
        concurrency: CONCURRENCY,
        // As Graphile Worker does: what is done is forgotten. Keeping it costs more.
        removeOnComplete: { count: 0 },
      });
      worker.on("error", fail);
      worker.on("failed", (_, error) => fail(error));
      await worker.waitUntilReady();
      return () => worker.close();
    },
    left: async () =>
      sum(await queue.getJobCounts("wait", "active", "delayed")),
    close: () => queue.close(),
  };
}

function sum(counts) {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}

function fail(error) {
  console.error(error);
  process.exit(1);
}
