"use client";

import Form from "next/form";
import Link from "next/link";
import {
  FORMATS,
  SORTS,
  STATES,
  filters,
  write,
  type ListQuery,
} from "@/lib/query";
import { Icon } from "./icon";

/** The form over the list: with scripts it submits itself at every change, without it has a button. */
export function Filters({ query }: { query: ListQuery }) {
  return (
    <Form
      action="/documents"
      scroll={false}
      className="filter-form"
      role="search"
      aria-label="Filter documents"
      onChange={(event) => event.currentTarget.requestSubmit()}
    >
      <Select
        name="type"
        label="Type"
        options={[["", "All types"], ...FORMATS]}
        value={query.type}
      />
      <Select
        name="state"
        label="State"
        options={[["", "All states"], ...STATES]}
        value={query.state}
      />
      <Day name="from" label="Added from" value={query.from} />
      <Day name="to" label="Added until" value={query.to} />
      <Select name="sort" label="Order" options={SORTS} value={query.sort} />
      {filters(query) && (
        <Link
          className="btn btn-ghost btn-md"
          href={write({
            ...query,
            type: "",
            state: "",
            from: "",
            to: "",
            after: "",
          })}
        >
          <Icon glyph="close" />
          Clear filters
        </Link>
      )}
      <div className="without-scripts">
        <button className="btn btn-md" type="submit">
          Apply
        </button>
      </div>
    </Form>
  );
}

function Select({
  name,
  label,
  options,
  value,
}: {
  name: string;
  label: string;
  options: readonly (readonly [string, string])[];
  value: string;
}) {
  const id = `field-${name}`;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <select
        key={value}
        className="select"
        id={id}
        name={name}
        defaultValue={value}
      >
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

function Day({
  name,
  label,
  value,
}: {
  name: string;
  label: string;
  value: string;
}) {
  const id = `field-${name}`;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <input
        key={value}
        className="input"
        id={id}
        type="date"
        name={name}
        defaultValue={value}
      />
    </div>
  );
}
