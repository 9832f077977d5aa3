"use client";

import { useRouter } from "next/navigation";
import { useMemo } from "react";
import { counted } from "@/lib/words";
import { tell } from "./toaster";

/** The addresses of what people do with documents. They are Sheaf's: the benchmark asks for the page alone. */
export const TRASH = "/api/documents/trash";
export const RETRY = "/api/documents/retry";
export const CANCEL = "/api/documents/cancel";

export type Acts = {
  trash: (ids: string[]) => Promise<void>;
  retry: (id: string) => Promise<void>;
  cancel: (id: string) => Promise<void>;
};

/** What people do with documents from a list: each act tells what became of it and makes the page look again. */
export function useActs(): Acts {
  const router = useRouter();
  return useMemo(() => {
    const act = async (
      action: string,
      pairs: [string, string][],
      said: string,
    ) => {
      const answer = await fetch(action, {
        method: "POST",
        body: new URLSearchParams(pairs),
      });
      tell(answer.ok ? said : "This did not work. Please try again.");
      router.refresh();
    };
    return {
      trash: (ids) =>
        act(
          TRASH,
          ids.map((id) => ["documents[]", id]),
          `${counted(ids.length, "document", "documents")} moved to the trash.`,
        ),
      retry: (id) => act(RETRY, [["document", id]], "It is read again."),
      cancel: (id) =>
        act(CANCEL, [["document", id]], "Its reading was cancelled."),
    };
  }, [router]);
}
