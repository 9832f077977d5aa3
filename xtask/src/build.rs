//! The order of a build, and how cargo and npm's tools are called.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::LazyLock,
};

use crate::{Failure, Plan, browser, say, site::Site};

/// Builds everything that the plan names.
///
/// # Errors
/// When a tool fails or is missing, with the tool's name; what it printed stands above.
pub fn run(plan: &Plan) -> Result<(), Failure> {
    let site = Site::open(&plan.site)?;
    let stylesheet = Stylesheet::start(plan)?;
    let module = compile_module(plan)?;
    let bound = browser::bind(&module, &site, plan.release)?;
    let css = stylesheet.finish()?;
    let names = site.add(&bound, &css)?;
    site.publish(&names, &bound.input, plan.release)?;
    say(&format!("xtask: the browser's half is in {}", plan.site.display()));
    if plan.server { compile_server(plan) } else { Ok(()) }
}

/// In development the simulator of Stripe comes with it, for `make run` without a key and for the stories. In one command, as
/// cargo unifies the features of what is built together.
fn compile_server(plan: &Plan) -> Result<(), Failure> {
    let server = ["build", "--package", "server", "--bin", "sheaf"];
    if plan.release {
        return cargo(plan, &server, &["--release"]);
    }
    cargo(plan, &server, &["--package", "stripe_simulator", "--bin", "stripe-simulator"])
}

/// The workspace's folder. Asked of cargo at each start and not when this was compiled: clones that share a target folder
/// share this program, and each means itself.
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR");
        let folder = manifest.as_deref().map_or(Path::new(env!("CARGO_MANIFEST_DIR")), Path::new);
        folder.parent().expect("xtask is a folder of the workspace").to_owned()
    });
    &ROOT
}

/// Where cargo puts its results.
pub fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// Compiles the crate `frontend` and returns where its module lies.
fn compile_module(plan: &Plan) -> Result<PathBuf, Failure> {
    let (profile, folder) = if plan.release { ("wasm-release", "wasm-release") } else { ("dev", "debug") };
    let target = "wasm32-unknown-unknown";
    cargo(plan, &["build", "--package", "frontend", "--lib", "--target", target], &["--profile", profile])?;
    Ok(target_folder().join(target).join(folder).join("frontend.wasm"))
}

fn cargo(plan: &Plan, arguments: &[&str], profile: &[&str]) -> Result<(), Failure> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(arguments).args(profile);
    // `cargo run` describes xtask to xtask; a build script of another crate must not read that as its own.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    if plan.release {
        // Set, even to nothing, it takes the place of the flags in .cargo/config.toml, which are for development.
        command.env("RUSTFLAGS", "");
    }
    finished("cargo", command.status().map_err(|error| format!("cannot start cargo: {error}"))?.success())
}

/// Tailwind, running beside the compiler: it needs nothing of it.
struct Stylesheet {
    process: Child,
    output: PathBuf,
}

impl Stylesheet {
    fn start(plan: &Plan) -> Result<Self, Failure> {
        let output = target_folder().join("sheaf.css");
        let tool = root().join("node_modules/.bin/tailwindcss");
        let mut command = Command::new(&tool);
        command.current_dir(root()).args(["--input", "style/main.css", "--output"]).arg(&output);
        if plan.release {
            command.arg("--minify");
        }
        let process =
            command.spawn().map_err(|error| format!("cannot start {}: {error}; run `npm ci` first", tool.display()))?;
        Ok(Self { process, output })
    }

    fn finish(mut self) -> Result<Vec<u8>, Failure> {
        let status = self.process.wait().map_err(|error| format!("tailwindcss: {error}"))?;
        finished("tailwindcss", status.success())?;
        fs::read(&self.output).map_err(|error| format!("{}: {error}", self.output.display()))
    }
}

fn finished(tool: &str, success: bool) -> Result<(), Failure> {
    if success { Ok(()) } else { Err(format!("{tool} failed")) }
}
