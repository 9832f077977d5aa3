import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";

export const metadata: Metadata = {
  title: { default: "Sheaf", template: "%s · Sheaf" },
  icons: { icon: { url: "/favicon.svg", type: "image/svg+xml" } },
};

export const viewport: Viewport = { colorScheme: "light dark" };

/** The document around every page. Font and style sheet are Sheaf's, which the benchmark does not ask for. */
export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        <link
          rel="preload"
          href="/fonts/inter-latin.woff2"
          as="font"
          type="font/woff2"
          crossOrigin="anonymous"
        />
        <link rel="stylesheet" href="/sheaf.css" />
      </head>
      <body>{children}</body>
    </html>
  );
}
