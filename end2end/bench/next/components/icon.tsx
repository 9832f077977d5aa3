// The icons, the same drawings as Sheaf's (app/src/ui/icon.rs).

const FILE =
  "M5.5 2.5h6l4 4v10a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1ZM11.25 2.5v4.25h4.25";
const RING = "M10 2.75a7.25 7.25 0 1 1 0 14.5 7.25 7.25 0 0 1 0-14.5Z";

/** One path in all. */
const PATHS = {
  documents:
    "M7.5 2.75h4.75l3.5 3.5v7.5a1 1 0 0 1-1 1H7.5a1 1 0 0 1-1-1v-10a1 1 0 0 1 1-1ZM12 2.75V6.5h3.75M4 6v10.25a1 1 0 0 0 1 1h7.5",
  document: FILE,
  filePdf: `${FILE}M7.5 14.5v-4.25h1.6a1.3 1.3 0 0 1 0 2.6H7.5M12.5 10.25v4.25`,
  fileText: `${FILE}M7.25 10h5.5M7.25 12.25h5.5M7.25 14.5h3`,
  fileTable: `${FILE}M7.25 10h5.5v4.5h-5.5ZM7.25 12.25h5.5M10 10v4.5`,
  fileWeb: `${FILE}M8.75 10.25 7 12.25l1.75 2M11.25 10.25l1.75 2-1.75 2`,
  fileOther: `${FILE}M7.5 12.5h.01M10 12.5h.01M12.5 12.5h.01`,
  search: "M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM13 13l4 4",
  report:
    "M5 2.5h10a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1ZM7.25 14v-3M10 14V8.5M12.75 14V6",
  mail: "M3.5 4.5h13a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1ZM2.75 5.5l7.25 5.25 7.25-5.25",
  settings:
    "M3 6h6.5M14 6h3M3 14h3M10.5 14H17M11.75 3.75a2.25 2.25 0 1 1 0 4.5 2.25 2.25 0 0 1 0-4.5ZM8.25 11.75a2.25 2.25 0 1 1 0 4.5 2.25 2.25 0 0 1 0-4.5Z",
  upload:
    "M10 13V3.5M6.25 7 10 3.25 13.75 7M3.5 13v2.5a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1V13",
  download:
    "M10 3.25v9.5M6.25 9.25 10 13l3.75-3.75M3.5 13.5v2a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1v-2",
  trash:
    "M3.5 5.5h13M7.5 5.5v-2a1 1 0 0 1 1-1h3a1 1 0 0 1 1 1v2M5 5.5l.7 11a1 1 0 0 0 1 1h6.6a1 1 0 0 0 1-1l.7-11M8.5 9v5M11.5 9v5",
  retry: "M16.25 10a6.25 6.25 0 1 1-2-4.6M16.5 2.75v3.5H13",
  cancel: `${RING}M5 5l10 10`,
  check: "M4 10.75 8 14.75 16.25 5.75",
  warning: "M10 3 17.75 16.5H2.25ZM10 8.25v3.5M10 14.1h.01",
  error: `${RING}M10 6.5v4.25M10 13.4h.01`,
  close: "M5 5l10 10M15 5 5 15",
  more: "M5 10a.5.5 0 1 0-1 0 .5.5 0 1 0 1 0ZM10.5 10a.5.5 0 1 0-1 0 .5.5 0 1 0 1 0ZM16 10a.5.5 0 1 0-1 0 .5.5 0 1 0 1 0Z",
  sun: "M10 6.75a3.25 3.25 0 1 1 0 6.5 3.25 3.25 0 0 1 0-6.5ZM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.35 4.35l1.05 1.05M14.6 14.6l1.05 1.05M4.35 15.65l1.05-1.05M14.6 5.4l1.05-1.05",
  moon: "M16.5 12.1A6.9 6.9 0 0 1 7.9 3.5a6.9 6.9 0 1 0 8.6 8.6Z",
  system:
    "M3.5 3.75h13a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1v-8a1 1 0 0 1 1-1ZM7 16.75h6M10 13.75v3",
  chevronLeft: "M12 4.75 6.75 10 12 15.25",
  chevronRight: "M8 4.75 13.25 10 8 15.25",
  chevronUp: "M4.75 12.5 10 7.25l5.25 5.25",
  chevronDown: "M4.75 7.5 10 12.75l5.25-5.25",
  filter: "M3 5h14M5.75 10h8.5M8.25 15h3.5",
  clock: `${RING}M10 6v4.25l2.75 1.75`,
  person:
    "M10 3a3.25 3.25 0 1 1 0 6.5A3.25 3.25 0 0 1 10 3ZM3.75 17c.4-3 3-4.75 6.25-4.75S15.85 14 16.25 17",
  signOut:
    "M8.5 3.25h-4a1 1 0 0 0-1 1v11.5a1 1 0 0 0 1 1h4M8 10h9M13.75 6.5 17.25 10l-3.5 3.5",
  activity: "M2.5 10h3.25L8 4l4 12 2.25-6h3.25",
  plus: "M10 4v12M4 10h12",
  info: `${RING}M10 9.25v4.25M10 6.6h.01`,
  lock: "M5 9h10a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1ZM6.75 9V6.25a3.25 3.25 0 0 1 6.5 0V9",
  eye: "M2.25 10S5 4.75 10 4.75 17.75 10 17.75 10 15 15.25 10 15.25 2.25 10 2.25 10ZM10 7.75a2.25 2.25 0 1 1 0 4.5 2.25 2.25 0 0 1 0-4.5Z",
} as const satisfies Record<string, string>;

export type Glyph = keyof typeof PATHS;

const SIZES = {
  small: "icon icon-small",
  medium: "icon",
  large: "icon icon-large",
} as const;

/** An icon in the colour of the text around it; it is decoration. */
export function Icon({
  glyph,
  size = "medium",
}: {
  glyph: Glyph;
  size?: keyof typeof SIZES;
}) {
  return (
    <svg
      className={SIZES[size]}
      viewBox="0 0 20 20"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[glyph]} />
    </svg>
  );
}
