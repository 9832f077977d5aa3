"use client";

import type { MouseEvent, ReactNode } from "react";
import { Icon } from "./icon";

/** A native dialog, with a button that closes it. */
export function Dialog({
  id,
  title,
  children,
}: {
  id: string;
  title: string;
  children: ReactNode;
}) {
  return (
    <dialog className="dialog" id={id} aria-labelledby={`${id}-title`}>
      <header className="dialog-header">
        <h2 className="dialog-title" id={`${id}-title`}>
          {title}
        </h2>
        <button
          className="btn btn-ghost btn-square btn-sm"
          type="button"
          aria-label="Close"
          onClick={closeDialog}
        >
          <Icon glyph="close" />
        </button>
      </header>
      <div className="dialog-body">{children}</div>
    </dialog>
  );
}

/** Closes the dialog that a button stands in. */
export function closeDialog(event: MouseEvent<HTMLElement>) {
  event.currentTarget.closest("dialog")?.close();
}
