// pg-boss, with what it documents for throughput and latency: large batches that follow each other at once while they are full,
// a table of its own for the queue, and LISTEN to be woken. A batch is one call of the handler. All of it fails or succeeds, or
// (PER_JOB=yes) each job for itself.
import { PgBoss } from "pg-boss";

const NAME = "bench";
const queue = { partition: true, notify: true };
const work = {
  batchSize: 1000,
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
  perJobResults: process.env.PER_JOB === "yes",
};

export async function open() {
  const boss = new PgBoss({
    connectionString: process.env.DATABASE_URL,
    max: 10,
    useListenNotify: true,
  });
  boss.on("error", fail);
  await boss.start();
  if (!(await boss.getQueue(NAME))) await boss.createQueue(NAME, queue);
  return {
    settings: { ...queue, ...work },
    one: (job) => boss.send(NAME, job),
    bulk: (jobs) =>
      boss.insert(
        NAME,
        jobs.map((data) => ({ data })),
      ),
    async work(handle) {
      await boss.work(NAME, work, async (jobs) => {
        for (const job of jobs) handle(job.data);
        if (work.perJobResults)
          return jobs.map(({ id }) => ({ id, status: "completed" }));
      });
      return () => boss.offWork(NAME, { wait: true });
    },
    async left() {
      const { rows } = await boss
        .getDb()
        .executeSql(
          "select count(*)::int as jobs from pgboss.job where name = $1 and state < 'completed'",
          [NAME],
        );
      return rows[0].jobs;
    },
    close: () => boss.stop({ graceful: true }),
  };
}

function fail(error) {
  console.error(error);
  process.exit(1);
}
