"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { Icon } from "./icon";

const PLACES = [
  ["/documents", "documents", "Documents"],
  ["/search", "search", "Search"],
  ["/reports", "report", "Reports"],
  ["/activity", "activity", "Activity"],
  ["/settings", "settings", "Settings"],
] as const;

/** The way to every part of the app; the one that is open is marked. */
export function Navigation() {
  const here = usePathname();
  return (
    <ul>
      {PLACES.map(([href, glyph, label]) => (
        <li key={href}>
          <Link
            href={href}
            aria-current={here.startsWith(href) ? "page" : undefined}
          >
            <Icon glyph={glyph} />
            <span>{label}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
