// Graphile Worker, as its page on performance sets it up: a local queue, and completions that are written together. BATCH and
// CONCURRENCY are its 500 and 24, or more of both.
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import pg from "pg";

const NAME = "bench";
const worker = {
  concurrentJobs: Number(process.env.CONCURRENCY),
  maxPoolSize: 25, // As there.
  localQueue: { size: Number(process.env.BATCH) },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};

export async function open() {
  const pgPool = new pg.Pool({
    connectionString: process.env.DATABASE_URL,
    max: worker.maxPoolSize,
  });
  pgPool.on("error", fail);
  pgPool.on("connect", (client) => client.on("error", fail));
  const logger = new Logger(() => (level, message) => {
    if (level === "error") fail(new Error(message));
  });
  const utils = await makeWorkerUtils({ pgPool, logger });
  await utils.migrate();
  return {
    settings: worker,
    one: (job) => utils.addJob(NAME, job),
    bulk: (jobs) =>
      utils.addJobs(jobs.map((payload) => ({ identifier: NAME, payload }))),
    async work(handle) {
      const runner = await run({
        preset: { worker: { ...worker, logger } },
        pgPool,
        noHandleSignals: true,
        taskList: { [NAME]: async (job) => handle(job) },
      });
      return () => runner.stop();
    },
    async left() {
      const { rows } = await pgPool.query(
        "select count(*)::int as jobs from graphile_worker._private_jobs",
      );
      return rows[0].jobs;
    },
    async close() {
      await utils.release();
      await pgPool.end();
    },
  };
}

function fail(error) {
  console.error(error);
  process.exit(1);
}
