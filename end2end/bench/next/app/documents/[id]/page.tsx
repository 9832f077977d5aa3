import type { Metadata } from "next";
import { cache } from "react";
import { Reader } from "@/components/reader";
import { open } from "@/lib/reader";

export const dynamic = "force-dynamic";

type Props = {
  params: Promise<{ id: string }>;
  searchParams: Promise<{ page?: string }>;
};

/** Asked for once a request, by the title and by the page. */
const opened = cache(open);

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { document } = await opened(...(await placeOf(props)));
  return { title: document.title ?? document.name };
}

/** The reader, for documents that are text. */
export default async function ReaderPage(props: Props) {
  const [id, number] = await placeOf(props);
  const { document, text } = await opened(id, number);
  const { name, format, bytes, state, title, pages, pages_read } = document;
  return (
    <Reader
      document={{
        id,
        title: title ?? name,
        format,
        bytes,
        state,
        pages,
        pagesRead: pages_read,
        uploadedBy: document.uploaded_by,
      }}
      number={number}
      text={text}
    />
  );
}

async function placeOf({
  params,
  searchParams,
}: Props): Promise<[string, number]> {
  const [{ id }, { page }] = await Promise.all([params, searchParams]);
  return [id, Math.max(1, Number.parseInt(page ?? "1", 10) || 1)];
}
