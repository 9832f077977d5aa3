"use client";

import { useState } from "react";
import { Icon, type Glyph } from "./icon";
import { Menu, MenuFile, MenuLink, MenuSeparator } from "./menu";

/** Who is signed in, and what concerns them. */
export function AccountMenu({
  person,
  email,
}: {
  person: string;
  email: string;
}) {
  return (
    <Menu id="account-menu" label={person} upwards>
      <li className="menu-head">
        <span className="menu-head-name">{person}</span>
        <span className="menu-head-note">{email}</span>
      </li>
      <li className="menu-theme">
        <span>Theme</span>
        <ThemeSwitch />
      </li>
      <MenuSeparator />
      <MenuLink href="/settings/account" glyph="person">
        Your account
      </MenuLink>
      <MenuFile href="/mailbox" glyph="mail">
        Mailbox
      </MenuFile>
      <MenuSeparator />
      <li>
        <form method="post" action="/sign-out">
          <button className="menu-item" type="submit">
            <Icon glyph="signOut" />
            Sign out
          </button>
        </form>
      </li>
    </Menu>
  );
}

const THEMES: [string, string, Glyph][] = [
  ["light", "Light theme", "sun"],
  ["system", "Theme of the system", "system"],
  ["dark", "Dark theme", "moon"],
];

function ThemeSwitch() {
  const [chosen, setChosen] = useState("system");
  const choose = (theme: string) => {
    setChosen(theme);
    document.documentElement.dataset.theme = theme;
    // A choice that is not kept is lost at the next load and nothing else, so the answer is not awaited.
    void fetch("/theme", {
      method: "POST",
      body: new URLSearchParams({ theme }),
    });
  };
  return (
    <form
      className="theme-switch"
      method="post"
      action="/theme"
      aria-label="Theme"
    >
      {THEMES.map(([theme, label, glyph]) => (
        <button
          key={theme}
          className="theme-choice"
          type="submit"
          name="theme"
          value={theme}
          aria-label={label}
          title={label}
          aria-pressed={chosen === theme}
          onClick={(event) => {
            event.preventDefault();
            choose(theme);
          }}
        >
          <Icon glyph={glyph} />
        </button>
      ))}
    </form>
  );
}
