import type { ReactNode } from "react";

/** What a page is, the way to it, and what one can do. */
export function PageHeader({
  title,
  description,
  crumbs,
  children,
}: {
  title: string;
  description: string;
  crumbs?: ReactNode;
  /** The actions. */
  children: ReactNode;
}) {
  return (
    <header className="page-header">
      {crumbs}
      <div className="page-header-row">
        <div className="page-header-text">
          <h1 className="page-title">{title}</h1>
          <p className="page-description">{description}</p>
        </div>
        <div className="page-actions">{children}</div>
      </div>
    </header>
  );
}
