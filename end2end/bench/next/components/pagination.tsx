import Link from "next/link";
import { Icon } from "./icon";

/** Links to the neighbouring pages of the list. */
export function Pagination({
  newer,
  older,
  summary,
}: {
  newer: string | undefined;
  older: string | undefined;
  summary: string;
}) {
  return (
    <div className="pagination">
      <p className="pagination-summary">{summary}</p>
      {(newer || older) && (
        <nav className="pagination-links" aria-label="Documents: more pages">
          <Step href={newer} rel="prev">
            <Icon glyph="chevronLeft" />
            <span>Back to the start</span>
          </Step>
          <Step href={older} rel="next">
            <span>Older</span>
            <Icon glyph="chevronRight" />
          </Step>
        </nav>
      )}
    </div>
  );
}

function Step({
  href,
  rel,
  children,
}: {
  href: string | undefined;
  rel: string;
  children: React.ReactNode;
}) {
  return href ? (
    <Link className="btn btn-sm" href={href} rel={rel}>
      {children}
    </Link>
  ) : (
    <span className="btn btn-sm btn-disabled" aria-hidden="true">
      {children}
    </span>
  );
}
