"use client";

import { useSyncExternalStore } from "react";

/** Long enough to read a sentence twice, in milliseconds. */
const STAY = 6_000;

const NOTHING: string[] = [];
let shown = NOTHING;
const listeners = new Set<() => void>();

/** Says in a short message over the page what was just done. */
export function tell(text: string) {
  show([...shown, text]);
  setTimeout(() => show(shown.filter((other) => other !== text)), STAY);
}

/** Where the messages are. */
export function Toaster({ className }: { className: string }) {
  const messages = useSyncExternalStore(
    subscribe,
    () => shown,
    () => NOTHING,
  );
  return (
    <div className={className} role="status" aria-live="polite">
      {messages.map((text) => (
        <div key={text} className="toast-message tone-neutral">
          <p>{text}</p>
        </div>
      ))}
    </div>
  );
}

function show(messages: string[]) {
  shown = messages;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
