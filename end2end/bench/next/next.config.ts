import type { NextConfig } from "next";

const config: NextConfig = {
  // Neither server compresses in the benchmark: wrk asks for no encoding.
  compress: false,
  poweredByHeader: false,
  // This folder alone: the lock file of the repository around it is not ours.
  turbopack: { root: import.meta.dirname },
};

export default config;
