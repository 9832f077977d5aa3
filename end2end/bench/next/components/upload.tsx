"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { closeDialog, Dialog } from "./dialog";
import { Icon } from "./icon";

const PICKER = "upload-picker";

/** Opens the picker of the panel. */
export function UploadButton() {
  return (
    <button
      className="btn btn-primary btn-md needs-scripts"
      type="button"
      onClick={() => document.getElementById(PICKER)?.click()}
    >
      <Icon glyph="upload" />
      Upload
    </button>
  );
}

/** The picker's input, and the overlay while files are dragged over the window. */
export function UploadPanel() {
  const router = useRouter();
  const [over, setOver] = useState(false);
  const send = useRef(async (files: Iterable<File>) => {
    for (const file of files) {
      const body = new FormData();
      body.append("file", file);
      await fetch("/uploads", { method: "POST", body });
    }
    router.refresh();
  });
  useEffect(() => {
    const drag = (event: DragEvent) => {
      event.preventDefault();
      setOver(event.type === "dragover");
      if (event.type === "drop")
        void send.current(event.dataTransfer?.files ?? []);
    };
    const kinds = ["dragover", "dragleave", "drop"] as const;
    kinds.forEach((kind) => window.addEventListener(kind, drag));
    return () =>
      kinds.forEach((kind) => window.removeEventListener(kind, drag));
  }, []);
  return (
    <>
      <input
        id={PICKER}
        type="file"
        multiple
        hidden
        onChange={(event) => void send.current(event.target.files ?? [])}
      />
      <div
        className={over ? "drop-overlay drop-overlay-active" : "drop-overlay"}
        aria-hidden="true"
      >
        <div className="drop-overlay-sheet">
          <Icon glyph="upload" size="large" />
          <span>Drop to upload</span>
        </div>
      </div>
      <Dialog id="upload-many" title="Upload these files?">
        <form method="dialog">
          <div className="prose">
            <p></p>
            <p>
              A page of a PDF costs one page credit, and so do 3,000 characters
              of anything else. Files that cannot be read cost nothing.
            </p>
          </div>
          <div className="dialog-actions">
            <button className="btn btn-md" type="button" onClick={closeDialog}>
              Cancel
            </button>
            <button className="btn btn-primary btn-md" type="submit">
              Upload them
            </button>
          </div>
        </form>
      </Dialog>
    </>
  );
}

/** A target for files that is a form of its own, for browsers without scripts. */
export function PlainUpload() {
  return (
    <form
      className="form"
      method="post"
      action="/uploads"
      encType="multipart/form-data"
    >
      <label className="drop-zone" htmlFor="upload-file">
        <Icon glyph="upload" size="large" />
        <span className="drop-zone-label">
          Drop documents here, or choose them
        </span>
        <span className="drop-zone-hint">
          PDF, Word, text, Markdown, CSV and HTML are read; other files are
          kept.
        </span>
        <input
          className="drop-zone-input"
          type="file"
          id="upload-file"
          name="file"
          accept=".pdf,.txt,.md,.csv,.html,.htm,.docx"
          multiple
        />
      </label>
      <div className="without-scripts">
        <button className="btn btn-primary btn-md" type="submit">
          Upload
        </button>
      </div>
    </form>
  );
}
