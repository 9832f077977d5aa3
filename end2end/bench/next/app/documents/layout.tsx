import type { ReactNode } from "react";
import { AccountMenu } from "@/components/account-menu";
import { Menu, MenuFile, MenuLink } from "@/components/menu";
import { Navigation } from "@/components/navigation";
import { Toaster } from "@/components/toaster";
import { UploadPanel } from "@/components/upload";
import { member } from "@/lib/session";

/** What stands around every page: who is signed in, the way elsewhere, and whatever outlives a page. */
export default async function Frame({ children }: { children: ReactNode }) {
  const { profile } = await member();
  const { name, email, tenant_name: workspace } = profile;
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <div className="app-layout">
        <header className="app-sidebar">
          <div className="app-brand">
            <Wordmark />
            <Menu id="workspace-menu" label={workspace}>
              <MenuLink href="/settings/members" glyph="person">
                Members
              </MenuLink>
              <MenuFile href="/workspaces" glyph="plus">
                New workspace
              </MenuFile>
            </Menu>
          </div>
          <nav className="app-nav" aria-label="Main">
            <Navigation />
          </nav>
          <div className="app-account">
            <AccountMenu person={name} email={email} />
          </div>
        </header>
        <main className="app-main" id="main" tabIndex={-1}>
          {children}
          <UploadPanel />
          <Toaster className="undo-toast" />
        </main>
      </div>
      <Toaster className="toaster" />
    </>
  );
}

function Wordmark() {
  return (
    <span className="wordmark">
      <svg
        className="wordmark-sign"
        viewBox="0 0 24 24"
        aria-hidden="true"
        focusable="false"
      >
        <path d="M12 3v18M5 4c.6 5 5 6.5 5 9.5S7 18 6 20.5M19 4c-.6 5-5 6.5-5 9.5s3 4.5 4 7M8.5 13.5h7" />
      </svg>
      Sheaf
    </span>
  );
}
