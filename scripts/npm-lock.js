// Writes package-lock.json anew (`npm run lock`), in a form that is the same wherever it is made:
// - without the addresses that the packages came from, so that every machine uses its own registry;
// - with an entry for each optional package of another platform. npm leaves out those that its registry does not have,
//   and then `npm ci` refuses the file that `npm install` has just written. Such an entry is never installed on Linux.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const FILE = "package-lock.json";
const SYSTEMS = ["android", "darwin", "freebsd", "linux", "openbsd", "win32"];
const PROCESSORS = ["arm", "arm64", "ia32", "x64", "wasm32"];

execFileSync("npm", ["install", "--package-lock-only"], { stdio: "inherit" });
const lock = JSON.parse(readFileSync(FILE, "utf8"));
for (const entry of Object.values(lock.packages)) {
  delete entry.resolved;
}
for (const { optionalDependencies = {} } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    lock.packages[`node_modules/${name}`] ??= {
      version,
      ...platform(name),
      optional: true,
    };
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)),
);
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);

function platform(name) {
  const words = name.split("/").pop().split("-");
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  if (os.length + cpu.length === 0) {
    throw new Error(
      `${name} is optional and missing, and its name tells no platform`,
    );
  }
  return { ...(cpu.length > 0 && { cpu }), ...(os.length > 0 && { os }) };
}
