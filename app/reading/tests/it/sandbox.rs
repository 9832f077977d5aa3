//! What a locked child can still do: read its input, write its output folder, and nothing else.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use reading::limits::Limits;
use reading::sandbox::{Lock, enter};

use crate::process::probe;

/// Locks this process and tries one thing. What came of it goes to standard error.
pub fn act(name: &str, input: &Path, output: &Path) {
    let confinement = enter(&Limits::default(), input, output).expect("limits can be set");
    let said = match name {
        "locks" => format!("{:?} {:?}", confinement.landlock == Lock::Held, confinement.seccomp == Lock::Held),
        "read input" => told(fs::read_to_string(input)),
        "write output" => told(fs::write(output.join("1-page.png"), b"x")),
        "read passwd" => told(File::open("/etc/passwd").map(|_| ())),
        "list root" => told(fs::read_dir("/").map(|_| ())),
        "write beside" => told(File::create(input.with_file_name("beside")).map(|_| ())),
        "write input" => told(File::options().append(true).open(input).map(|_| ())),
        "read beside" => told(File::open(input.with_file_name("secret")).map(|_| ())),
        "remove input" => told(fs::remove_file(input)),
        "folder in output" => told(fs::create_dir(output.join("folder"))),
        "connect" => told(TcpStream::connect("127.0.0.1:1").map(|_| ())),
        "listen" => told(TcpListener::bind("127.0.0.1:0").map(|_| ())),
        "datagram" => told(UdpSocket::bind("127.0.0.1:0").map(|_| ())),
        "unix socket" => told(UnixStream::pair().map(|_| ())),
        "exec" => told(Command::new("/bin/true").status().map(|_| ())),
        "thread" => told(std::thread::Builder::new().spawn(|| ()).map(|_| ())),
        "many files" => told(open_many(input)),
        "much memory" => told(reserve(2 << 30)),
        _ => panic!("no such probe: {name}"),
    };
    writeln!(std::io::stderr(), "said: {said}").expect("somebody listens");
}

fn told<T: std::fmt::Debug>(result: std::io::Result<T>) -> String {
    match result {
        Ok(value) => format!("done {value:?}"),
        Err(error) => format!("refused {error}"),
    }
}

fn open_many(path: &Path) -> std::io::Result<usize> {
    let files: Vec<File> = (0..100).map(|_| File::open(path)).collect::<Result<_, _>>()?;
    Ok(files.len())
}

fn reserve(bytes: usize) -> std::io::Result<()> {
    let mut block = Vec::<u8>::new();
    block.try_reserve_exact(bytes).map_err(std::io::Error::other)
}

/// What the probe said, with a secret file beside the input.
fn said(name: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let (input, output) = (folder.path().join("input"), folder.path().join("output"));
    fs::write(&input, "hello").expect("it can be written");
    fs::write(folder.path().join("secret"), "secret").expect("it can be written");
    fs::create_dir(&output).expect("it can be made");
    let errors = probe(name, &input, &output);
    let line = errors.lines().find_map(|line| line.split_once("said: "));
    line.unwrap_or_else(|| panic!("{name}: {errors}")).1.to_owned()
}

/// Whether this kernel has both locks. Without them the probes would prove nothing.
fn locks_hold() -> bool {
    let hold = said("locks") == "true true";
    if !hold {
        eprintln!("SKIPPED: this kernel has no landlock or no seccomp");
    }
    hold
}

#[test]
fn the_input_is_read_and_the_output_written() {
    assert_eq!(said("read input"), "done \"hello\"");
    assert_eq!(said("write output"), "done ()");
}

#[test]
fn no_other_file_is_touched() {
    if !locks_hold() {
        return;
    }
    let probes =
        ["read passwd", "list root", "write beside", "write input", "read beside", "remove input", "folder in output"];
    for name in probes {
        assert!(said(name).starts_with("refused"), "{name}: {}", said(name));
    }
}

#[test]
fn there_is_no_network() {
    if !locks_hold() {
        return;
    }
    for name in ["connect", "listen", "datagram", "unix socket"] {
        let said = said(name);
        assert!(said.starts_with("refused"), "{name}: {said}");
        // Nobody listens on the port of the probe either, so the reason matters.
        assert!(!said.contains("Connection refused"), "{name}: {said}");
    }
}

#[test]
fn nothing_is_started() {
    if !locks_hold() {
        return;
    }
    for name in ["exec", "thread"] {
        assert!(said(name).starts_with("refused"), "{name}: {}", said(name));
    }
}

#[test]
fn files_and_memory_are_limited_on_every_kernel() {
    assert!(said("many files").starts_with("refused"));
    assert!(said("much memory").starts_with("refused"));
}

#[test]
fn a_parent_reads_text_from_a_locked_child() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("note.txt");
    File::create(&input).and_then(|mut file| file.write_all(b"Hello Ada")).expect("it can be written");
    let request = crate::process::request(domain::documents::Format::Text);
    let outcome = crate::process::read(&request, &input, folder.path(), std::time::Duration::from_secs(60));
    assert_eq!(outcome.pages().map(|page| page.text.as_str()).collect::<Vec<_>>(), ["Hello Ada"]);
    assert_eq!(outcome.events.last(), Some(&domain::documents::reading::ReadEvent::Finished));
    let mut kept = String::new();
    File::open(&input).and_then(|mut file| file.read_to_string(&mut kept)).expect("it is still there");
    assert_eq!(kept, "Hello Ada");
}
