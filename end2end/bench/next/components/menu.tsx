"use client";

import Link from "next/link";
import {
  useState,
  type ComponentProps,
  type MouseEvent,
  type ReactNode,
} from "react";
import { Icon, type Glyph } from "./icon";

/** A button and the list it opens: a native popover, which the browser opens, places and closes. */
export function Menu({
  id,
  label,
  glyph,
  upwards,
  className,
  onClick,
  children,
}: {
  id: string;
  /** What the button says, or its accessible name when it shows an icon. */
  label: string;
  glyph?: Glyph;
  upwards?: boolean;
  className?: string;
  onClick?: () => void;
  children: ReactNode;
}) {
  return (
    <div
      className={className ? `menu-anchor ${className}` : "menu-anchor"}
      onClick={onClick}
    >
      <button
        className={
          glyph
            ? "btn btn-ghost btn-square btn-md"
            : "btn btn-ghost btn-md menu-button"
        }
        type="button"
        popoverTarget={id}
        aria-label={glyph && label}
      >
        {glyph ? (
          <Icon glyph={glyph} />
        ) : (
          <>
            <span className="menu-label">{label}</span>
            <Icon glyph="chevronDown" size="small" />
          </>
        )}
      </button>
      <ul
        className={upwards ? "menu-list menu-upwards" : "menu-list"}
        id={id}
        popover="auto"
        onClick={close}
      >
        {children}
      </ul>
    </div>
  );
}

/** The menu at the end of a table's row. Its items are made when it is opened first. */
export function RowMenu({
  id,
  label,
  items,
}: {
  id: string;
  label: string;
  items: () => ReactNode;
}) {
  const [isWanted, setWanted] = useState(false);
  return (
    <Menu
      id={id}
      label={label}
      glyph="more"
      className="needs-scripts"
      onClick={() => setWanted(true)}
    >
      {isWanted && items()}
    </Menu>
  );
}

/** A link inside the app. */
export function MenuLink({
  href,
  glyph,
  children,
}: {
  href: string;
  glyph: Glyph;
  children: ReactNode;
}) {
  return (
    <li>
      <Link className="menu-item" href={href} prefetch={false}>
        <Icon glyph={glyph} />
        {children}
      </Link>
    </li>
  );
}

/** A link that leaves the app, or is saved instead of opened. */
export function MenuFile({
  href,
  download,
  glyph,
  children,
}: {
  href: string;
  download?: boolean;
  glyph: Glyph;
  children: ReactNode;
}) {
  return (
    <li>
      <a className="menu-item" href={href} rel="external" download={download}>
        <Icon glyph={glyph} />
        {children}
      </a>
    </li>
  );
}

/** Something that is done. Without scripts it posts `name=value` to `action` through a form elsewhere on the page. */
export function MenuPost({
  action,
  onChoose,
  ...rest
}: {
  form: string;
  action: string;
  name: string;
  value: string;
  danger?: boolean;
  glyph: Glyph;
  onChoose: () => void;
  children: ReactNode;
}) {
  return (
    <MenuButton
      type="submit"
      formAction={action}
      onClick={(event) => {
        event.preventDefault();
        onChoose();
      }}
      {...rest}
    />
  );
}

/** Something that is done by scripts alone. */
export function MenuAct({
  onChoose,
  ...rest
}: {
  danger?: boolean;
  glyph: Glyph;
  onChoose: () => void;
  children: ReactNode;
}) {
  return <MenuButton type="button" onClick={onChoose} {...rest} />;
}

function MenuButton({
  danger,
  glyph,
  children,
  ...rest
}: { danger?: boolean; glyph: Glyph } & ComponentProps<"button">) {
  return (
    <li>
      <button
        className={danger ? "menu-item menu-item-danger" : "menu-item"}
        {...rest}
      >
        <Icon glyph={glyph} />
        {children}
      </button>
    </li>
  );
}

/** A line between groups of items. */
export function MenuSeparator() {
  return <li className="menu-separator" role="separator" />;
}

/** A chosen item closes its menu; links inside the app load no page that would. */
function close(event: MouseEvent<HTMLElement>) {
  event.currentTarget.hidePopover();
}
