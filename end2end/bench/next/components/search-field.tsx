import type { Ref } from "react";
import { Icon } from "./icon";

/** The field one searches with, in a form. */
export function SearchField({
  label,
  placeholder,
  value = "",
  ref,
}: {
  label: string;
  placeholder: string;
  value?: string;
  ref?: Ref<HTMLInputElement>;
}) {
  return (
    <div className="search-field">
      <Icon glyph="search" />
      <input
        ref={ref}
        key={value}
        className="input"
        type="search"
        name="q"
        defaultValue={value}
        placeholder={placeholder}
        aria-label={label}
        autoComplete="off"
        spellCheck={false}
        enterKeyHint="search"
      />
      <kbd className="key">/</kbd>
    </div>
  );
}
