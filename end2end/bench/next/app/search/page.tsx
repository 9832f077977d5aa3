import type { Metadata } from "next";
import Link from "next/link";
import { Icon } from "@/components/icon";
import { PageHeader } from "@/components/page-header";
import { SearchForm, SearchHints } from "@/components/search-form";
import { SearchResults } from "@/components/search-results";
import { search } from "@/lib/search";

export const dynamic = "force-dynamic";

type Props = { searchParams: Promise<{ q?: string }> };

export async function generateMetadata({
  searchParams,
}: Props): Promise<Metadata> {
  const { q = "" } = await searchParams;
  return { title: q === "" ? "Search" : `Search: ${q}` };
}

/** The page one searches with. */
export default async function SearchPage({ searchParams }: Props) {
  const query = ((await searchParams).q ?? "").trim();
  const results = await search(query);
  return (
    <>
      <PageHeader
        title="Search"
        description="All pages of all documents of this workspace."
      >
        <Link
          className="btn btn-md"
          href={`/reports/new?q=${encodeURIComponent(query)}`}
          prefetch={false}
        >
          <Icon glyph="report" />
          Make a report of this search
        </Link>
      </PageHeader>
      <div className="flow gap-small">
        <SearchForm query={query} />
        <SearchHints />
      </div>
      <SearchResults query={query} results={results} />
    </>
  );
}
