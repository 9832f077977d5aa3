// Numbers and moments as people read them. The server and the browser must say the same, so nothing depends on a locale.

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

const UNITS = ["kB", "MB", "GB", "TB"] as const;

/** Thousands set apart: `1,240`. */
export function grouped(number: number): string {
  const digits = String(number);
  return digits.length < 4 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A number with its noun: `1 page`, `1,240 pages`. */
export function counted(number: number, one: string, many: string): string {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

/** A size in decimal units with at most one digit after the point. */
export function bytes(size: number): string {
  if (size < 1000) return counted(size, "byte", "bytes");
  let value = size / 1000;
  let unit = 0;
  while (value >= 999.95 && unit + 1 < UNITS.length) {
    value /= 1000;
    unit += 1;
  }
  const text =
    value < 99.95 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(0);
  return `${text} ${UNITS[unit]}`;
}

/** How long ago `at` was at `now`, both in milliseconds; after a week its date. */
export function relative(at: number, now: number): string {
  const seconds = Math.trunc((now - at) / 1000);
  if (seconds < -60 || seconds >= 604_800) return date(at);
  if (seconds < 45) return "just now";
  if (seconds < 3_570)
    return ago(Math.max(Math.trunc((seconds + 30) / 60), 1), "minute");
  if (seconds < 84_600)
    return ago(Math.trunc((seconds + 1_800) / 3_600), "hour");
  return ago(Math.trunc((seconds + 43_200) / 86_400), "day");
}

/** `21 November 2026, 20:23 UTC`. */
export function moment(at: number): string {
  const day = new Date(at);
  const two = (number: number) => String(number).padStart(2, "0");
  return (
    `${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]} ${day.getUTCFullYear()}, ` +
    `${two(day.getUTCHours())}:${two(day.getUTCMinutes())} UTC`
  );
}

function ago(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? "" : "s"} ago`;
}

function date(at: number): string {
  const day = new Date(at);
  return `${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]?.slice(0, 3)} ${day.getUTCFullYear()}`;
}
