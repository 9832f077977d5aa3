import type { Metadata } from "next";
import Link from "next/link";
import { DocumentTable } from "@/components/document-table";
import { Filters } from "@/components/filters";
import { Icon } from "@/components/icon";
import { PageHeader } from "@/components/page-header";
import { Pagination } from "@/components/pagination";
import { PlainUpload, UploadButton } from "@/components/upload";
import { list } from "@/lib/documents";
import { read, write, type Params } from "@/lib/query";
import { rowOf } from "@/lib/row";
import { counted } from "@/lib/words";

export const dynamic = "force-dynamic";

export const metadata: Metadata = { title: "Documents" };

/** The documents of the workspace. */
export default async function DocumentsPage({
  searchParams,
}: {
  searchParams: Promise<Params>;
}) {
  const query = read(await searchParams);
  const { documents, next, total } = await list(query);
  return (
    <>
      <PageHeader
        title="Documents"
        description={counted(total, "document", "documents")}
      >
        <Link className="btn btn-ghost btn-md" href="/documents/trash">
          <Icon glyph="trash" />
          Trash
        </Link>
        <UploadButton />
      </PageHeader>
      <div className="flow gap-medium">
        <Filters query={query} />
        <DocumentTable
          documents={documents.map(rowOf)}
          query={query}
          now={Date.now()}
        />
        <Pagination
          newer={query.after ? write({ ...query, after: "" }) : undefined}
          older={next && write({ ...query, after: next })}
          summary={counted(documents.length, "document", "documents")}
        />
        <div className="without-scripts">
          <PlainUpload />
        </div>
      </div>
    </>
  );
}
