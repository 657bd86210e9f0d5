//! Files where nothing serves them: the other end of SFTP is here, and its work is done there by a shell and the usual tools
//! (`assets/remote/sftp.sh`). So whatever copies over SFTP copies into a guest of busybox as to any host.
//!
//! One shell answers what is asked about names, and the content of one file at a time goes through a process of its own: two
//! places among the channels for each session, however many files are open in it. Requests are answered in the order in which they come.
//!
//! What is written is answered when it is on its way. Whether it arrived is told by the next request that asks about the file
//! (its attributes, `fsync`, its end), as a failure with what the place says; [`BEHIND`] tells whoever looks at it by other ways.

mod answers;
mod contents;
mod framed;

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use beffroi_remote::{CommandLine, RemoteError};
use bytes::Bytes;
use russh_sftp::extensions::{FSYNC, LIMITS, LimitsExtension, STATVFS};
use russh_sftp::protocol::{
    Attrs, Data, ExtendedReply, File, FileAttributes, Handle, Name, OpenFlags, Packet, Status, StatusCode, Version,
};
use russh_sftp::server::{Config, Handler, StatusReply, run_with_config};
use russh_sftp::{de, ser};
use tokio::io::{AsyncReadExt, duplex};
use tokio::time::timeout;

use crate::SshRemote;
use crate::greeting::Wire;
use crate::stream::exec_stream;
use crate::transfer::operand;
use answers::{broken, cut, failure, refused};
use contents::{Reader, Writer};
use framed::Framed;

/// Starts the SFTP server of OpenSSH, wherever a distribution puts it, after a line that says whether there is one.
const SERVER: &str = "for at in /usr/lib/openssh /usr/libexec/openssh /usr/lib/ssh /usr/libexec /usr/lib /usr/lib/misc; do\n\
    if [ -x \"$at/sftp-server\" ]; then echo beffroi-sftp server; exec \"$at/sftp-server\"; fi\n\
done\n\
echo beffroi-sftp none";
const IS_SERVED: &str = "beffroi-sftp server";
const IS_NOT_SERVED: &str = "beffroi-sftp none";
/// The most that is read of what else is said before that line.
const MOST_BEFORE: u64 = 8 << 10;
/// How long that line may take.
const OPENING: Duration = Duration::from_secs(60);

/// The extension that renames over an existing file (OpenSSH `PROTOCOL`, 4.3).
const POSIX_RENAME: &str = "posix-rename@openssh.com";
/// The extension that says that what is written has arrived when its file is asked about, not when the write is answered.
pub(crate) const BEHIND: &str = "writes-behind@beffroi";
/// Bytes of one request to read or write.
const MOST_PIECE: usize = 255 << 10;
/// The longest request, and answer.
const MOST_PACKET: usize = 256 << 10;
/// Bytes that wait between the two ends in this process.
const BETWEEN: usize = 1 << 20;
/// The most that is said about one name.
const MOST_ANSWER: usize = 64 << 10;
/// The most that is said of one folder: some 200,000 names.
const MOST_LISTED: usize = 16 << 20;
/// What the entries of open folders may take together.
const MOST_WAITING: usize = 64 << 20;
/// Names that are given at once.
const NAMES: usize = 100;
/// Files and folders that are open at once.
const MOST_HANDLES: usize = 1024;
/// The longest path (`PATH_MAX` of Linux).
const MOST_PATH: usize = 4096;

/// SFTP with whatever the place has, as a stream: the server of OpenSSH, or a shell. Which of the two is asked for once for each
/// connection and place.
///
/// # Errors
/// Those of [`exec_stream`]; [`RemoteError::Refused`] where there is no shell, or not the tools.
pub(crate) async fn open(remote: &SshRemote) -> Result<Box<dyn Wire>, RemoteError> {
    if remote.has_server().get() == Some(&false) {
        return by_shell(remote).await;
    }
    let mut stream = exec_stream(remote, &CommandLine::new(["sh", "-c", SERVER])).await?;
    let late = |_| RemoteError::TimedOut { seconds: OPENING.as_secs() };
    let is_served = timeout(OPENING, is_served(&mut stream)).await.map_err(late)?;
    let is_served = is_served.ok_or_else(|| RemoteError::Refused { reason: "no shell answers there".to_owned() })?;
    // Another session may have found out just before, and found the same.
    let _ = remote.has_server().set(is_served);
    if is_served {
        return Ok(Box::new(stream));
    }
    drop(stream);
    by_shell(remote).await
}

/// What the line says; nothing where it does not come.
async fn is_served(stream: &mut (impl Wire + ?Sized)) -> Option<bool> {
    let mut line = Vec::new();
    for _ in 0..MOST_BEFORE {
        match stream.read_u8().await.ok()? {
            b'\n' if line == IS_SERVED.as_bytes() => return Some(true),
            b'\n' if line == IS_NOT_SERVED.as_bytes() => return Some(false),
            b'\n' => line.clear(),
            byte => line.push(byte),
        }
    }
    None
}

/// SFTP that a shell of the place does the work of.
async fn by_shell(remote: &SshRemote) -> Result<Box<dyn Wire>, RemoteError> {
    let worker = worker(remote).await.map_err(|why| {
        let reason = why.error_message.unwrap_or_default();
        if why.status_code == StatusCode::ConnectionLost { RemoteError::LinkLost { reason } } else { RemoteError::Refused { reason } }
    })?;
    let files = Files { remote: remote.clone(), worker: Some(worker), opened: HashMap::new(), running: None, made: 0 };
    let (ours, theirs) = duplex(BETWEEN);
    let config = Config { max_client_packet_len: u32::try_from(MOST_PACKET).unwrap_or(u32::MAX) };
    run_with_config(theirs, files, config).await;
    Ok(Box::new(ours))
}

/// A shell that answers what is asked about names.
async fn worker(remote: &SshRemote) -> Result<Framed, StatusReply> {
    let mut worker = Framed::start(remote, &["serve"]).await.map_err(|error| broken(&error))?;
    match worker.next(MOST_ANSWER).await {
        Ok(hello) if hello.is_done => Ok(worker),
        Ok(hello) => Err(failure(&hello.bytes)),
        Err(error) => Err(cut(&error)),
    }
}

/// What a handle stands for.
enum Opened {
    Folder {
        entries: VecDeque<File>,
        /// What its entries took, give or take.
        cost: usize,
    },
    File {
        path: String,
        /// Which file it was when it was opened to be written.
        id: Option<String>,
        flags: OpenFlags,
        /// Why what was written did not arrive.
        failed: Option<StatusReply>,
    },
}

/// The process that a file's content goes through.
enum Running {
    Reading(String, Box<Reader>),
    Writing(String, Box<Writer>),
}

struct Files {
    remote: SshRemote,
    worker: Option<Framed>,
    opened: HashMap<String, Opened>,
    running: Option<Running>,
    made: u64,
}

impl Files {
    /// Asks the shell; a new one where the last one ended.
    async fn ask(&mut self, what: &str, words: &[&str], most: usize) -> Result<Vec<u8>, StatusReply> {
        let mut worker = match self.worker.take() {
            Some(worker) => worker,
            None => worker(&self.remote).await?,
        };
        worker.send(&request(what, words)).await;
        let frame = worker.next(most).await.map_err(|error| cut(&error))?;
        self.worker = Some(worker);
        if frame.is_done { Ok(frame.bytes.to_vec()) } else { Err(failure(&frame.bytes)) }
    }

    async fn done(&mut self, id: u32, what: &str, words: &[&str]) -> Result<Status, StatusReply> {
        self.ask(what, words, MOST_ANSWER).await.map(|_| done(id))
    }

    async fn found(&mut self, what: &str, words: &[&str]) -> Result<answers::Found, StatusReply> {
        answers::found(&self.ask(what, words, MOST_ANSWER).await?).ok_or_else(not_understood)
    }

    /// A name that is told, with the new line that `readlink` ends with.
    async fn name(&mut self, id: u32, what: &str, path: &str) -> Result<Name, StatusReply> {
        let told = self.ask(what, &[&place(path)?], MOST_ANSWER).await?;
        let name = told.strip_suffix(b"\n").filter(|name| !name.is_empty()).ok_or_else(not_understood)?;
        Ok(Name { id, files: vec![File::dummy(String::from_utf8_lossy(name))] })
    }

    fn open_as(&mut self, id: u32, opened: Opened) -> Result<Handle, StatusReply> {
        if self.opened.len() >= MOST_HANDLES {
            return Err(refused("too many files are open"));
        }
        self.made += 1;
        let handle = self.made.to_string();
        self.opened.insert(handle.clone(), opened);
        Ok(Handle { id, handle })
    }

    /// Ends what runs: what was written has arrived then, or its file knows why not.
    async fn settle(&mut self) {
        if let Some(Running::Writing(handle, writer)) = self.running.take()
            && let Err(why) = writer.finish().await
            && let Some(Opened::File { failed, .. }) = self.opened.get_mut(&handle)
        {
            *failed = Some(why);
        }
    }

    /// Waits until what was written into the file arrived; its path, and which file it is.
    async fn settled(&mut self, handle: &str) -> Result<(String, String), StatusReply> {
        if matches!(&self.running, Some(Running::Writing(of, _)) if of == handle) {
            self.settle().await;
        }
        match self.opened.get_mut(handle) {
            Some(Opened::File { path, id, failed, .. }) => match failed.take() {
                Some(why) => Err(why),
                None => Ok((path.clone(), id.clone().unwrap_or_else(|| "-".to_owned()))),
            },
            _ => Err(no_handle()),
        }
    }

    /// What is open there, for reading or for writing, where nothing failed yet.
    fn file(&self, handle: &str, way: OpenFlags) -> Result<(String, Option<String>, OpenFlags), StatusReply> {
        match self.opened.get(handle) {
            Some(Opened::File { failed: Some(why), .. }) => Err(why.clone()),
            Some(Opened::File { path, id, flags, .. }) if flags.contains(way) => Ok((path.clone(), id.clone(), *flags)),
            Some(Opened::File { .. }) => Err(StatusCode::PermissionDenied.with_message("it was not opened for that")),
            _ => Err(no_handle()),
        }
    }

    async fn set(&mut self, id: u32, (path, which): (&str, &str), attributes: &FileAttributes) -> Result<Status, StatusReply> {
        let word = |number: Option<u64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        let mode = attributes.permissions.map_or_else(|| "-".to_owned(), |mode| format!("{:o}", mode & 0o7777));
        let owner = attributes.uid.zip(attributes.gid).map_or_else(|| "-".to_owned(), |(uid, gid)| format!("{uid}:{gid}"));
        let times = [attributes.mtime, attributes.atime].map(|time| word(time.map(u64::from)));
        self.done(id, "set", &[path, which, &word(attributes.size), &mode, &times[0], &times[1], &owner]).await
    }
}

impl Handler for Files {
    type Error = StatusReply;

    fn unimplemented(&self) -> StatusReply {
        StatusCode::OpUnsupported.into()
    }

    async fn init(&mut self, _: u32, _: HashMap<String, String>) -> Result<Version, StatusReply> {
        let offered = [(POSIX_RENAME, "1"), (FSYNC, "1"), (STATVFS, "2"), (LIMITS, "1"), (BEHIND, "1")];
        let extensions = offered.map(|(name, version)| (name.to_owned(), version.to_owned())).into();
        Ok(Version { extensions, ..Version::new() })
    }

    async fn open(&mut self, id: u32, filename: String, pflags: OpenFlags, attrs: FileAttributes) -> Result<Handle, StatusReply> {
        let path = place(&filename)?;
        let flags = [
            (OpenFlags::READ, 'r'),
            (OpenFlags::WRITE, 'w'),
            (OpenFlags::CREATE, 'c'),
            (OpenFlags::EXCLUDE, 'x'),
            (OpenFlags::TRUNCATE, 't'),
        ];
        let flags: String = flags.iter().filter(|(flag, _)| pflags.contains(*flag)).map(|(_, letter)| *letter).collect();
        let mode = format!("{:o}", attrs.permissions.unwrap_or(0o666) & 0o777);
        let found = self.found("open", &[&flags, &path, &mode]).await?;
        let id_there = pflags.contains(OpenFlags::WRITE).then_some(found.id);
        self.open_as(id, Opened::File { path, id: id_there, flags: pflags, failed: None })
    }

    async fn close(&mut self, id: u32, handle: String) -> Result<Status, StatusReply> {
        let settled = match self.opened.get(&handle) {
            Some(Opened::Folder { .. }) => Ok(()),
            Some(Opened::File { .. }) => self.settled(&handle).await.map(drop),
            None => Err(no_handle()),
        };
        if matches!(&self.running, Some(Running::Reading(of, _)) if *of == handle) {
            self.running = None;
        }
        self.opened.remove(&handle);
        settled.map(|()| done(id))
    }

    async fn read(&mut self, id: u32, handle: String, offset: u64, len: u32) -> Result<Data, StatusReply> {
        let (path, ..) = self.file(&handle, OpenFlags::READ)?;
        let length = usize::try_from(len).unwrap_or(MOST_PIECE).min(MOST_PIECE);
        let mut reader = match self.running.take() {
            Some(Running::Reading(of, reader)) if of == handle && reader.reaches(offset) => reader,
            other => {
                self.running = other;
                self.settle().await;
                Box::new(Reader::start(&self.remote, &path, offset).await?)
            }
        };
        let data = reader.read(offset, length).await?;
        self.running = Some(Running::Reading(handle, reader));
        if data.is_empty() && length > 0 { Err(StatusCode::Eof.into()) } else { Ok(Data { id, data }) }
    }

    async fn write(&mut self, id: u32, handle: String, offset: u64, data: Vec<u8>) -> Result<Status, StatusReply> {
        let (path, which, flags) = self.file(&handle, OpenFlags::WRITE)?;
        let mut writer = match self.running.take() {
            Some(Running::Writing(of, writer)) if of == handle && writer.is_at(offset) => writer,
            other => {
                self.running = other;
                self.settle().await;
                // What was written before may have failed just now.
                self.file(&handle, OpenFlags::WRITE)?;
                let at = (!flags.contains(OpenFlags::APPEND)).then_some(offset);
                Box::new(Writer::start(&self.remote, &path, which.as_deref().unwrap_or("-"), at).await?)
            }
        };
        let goes_on = writer.write(&data).await;
        self.running = Some(Running::Writing(handle.clone(), writer));
        if !goes_on {
            self.settled(&handle).await?;
            return Err(refused("what wrote there was ended"));
        }
        Ok(done(id))
    }

    async fn lstat(&mut self, id: u32, path: String) -> Result<Attrs, StatusReply> {
        Ok(Attrs { id, attrs: self.found("lstat", &[&place(&path)?]).await?.attributes })
    }

    async fn stat(&mut self, id: u32, path: String) -> Result<Attrs, StatusReply> {
        Ok(Attrs { id, attrs: self.found("stat", &[&place(&path)?]).await?.attributes })
    }

    async fn fstat(&mut self, id: u32, handle: String) -> Result<Attrs, StatusReply> {
        let (path, which) = self.settled(&handle).await?;
        Ok(Attrs { id, attrs: self.found("held", &[&path, &which]).await?.attributes })
    }

    async fn setstat(&mut self, id: u32, path: String, attrs: FileAttributes) -> Result<Status, StatusReply> {
        self.set(id, (&place(&path)?, "-"), &attrs).await
    }

    async fn fsetstat(&mut self, id: u32, handle: String, attrs: FileAttributes) -> Result<Status, StatusReply> {
        let (path, which) = self.settled(&handle).await?;
        self.set(id, (&path, &which), &attrs).await
    }

    async fn opendir(&mut self, id: u32, path: String) -> Result<Handle, StatusReply> {
        let waiting: usize = self.opened.values().map(|opened| if let Opened::Folder { cost, .. } = opened { *cost } else { 0 }).sum();
        if waiting > MOST_WAITING {
            return Err(refused("too many folders are open"));
        }
        let listed = self.ask("list", &[&place(&path)?], MOST_LISTED).await?;
        let entries = answers::entries(&listed).ok_or_else(not_understood)?;
        // Each name stands in it twice, beside its attributes.
        self.open_as(id, Opened::Folder { entries: entries.into(), cost: listed.len() * 4 })
    }

    async fn readdir(&mut self, id: u32, handle: String) -> Result<Name, StatusReply> {
        let Some(Opened::Folder { entries, .. }) = self.opened.get_mut(&handle) else { return Err(no_handle()) };
        let files: Vec<File> = entries.drain(..entries.len().min(NAMES)).collect();
        if files.is_empty() { Err(StatusCode::Eof.into()) } else { Ok(Name { id, files }) }
    }

    async fn remove(&mut self, id: u32, filename: String) -> Result<Status, StatusReply> {
        self.done(id, "remove", &[&place(&filename)?]).await
    }

    async fn mkdir(&mut self, id: u32, path: String, attrs: FileAttributes) -> Result<Status, StatusReply> {
        let mode = format!("{:o}", attrs.permissions.unwrap_or(0o777) & 0o777);
        self.done(id, "mkdir", &[&place(&path)?, &mode]).await
    }

    async fn rmdir(&mut self, id: u32, path: String) -> Result<Status, StatusReply> {
        self.done(id, "rmdir", &[&place(&path)?]).await
    }

    async fn realpath(&mut self, id: u32, path: String) -> Result<Name, StatusReply> {
        self.name(id, "realpath", &path).await
    }

    async fn readlink(&mut self, id: u32, path: String) -> Result<Name, StatusReply> {
        self.name(id, "readlink", &path).await
    }

    async fn rename(&mut self, id: u32, oldpath: String, newpath: String) -> Result<Status, StatusReply> {
        self.done(id, "rename", &[&place(&oldpath)?, &place(&newpath)?]).await
    }

    /// As OpenSSH has it, the other way round than the draft says (its `PROTOCOL`, 4.1): first where the link leads.
    async fn symlink(&mut self, id: u32, linkpath: String, targetpath: String) -> Result<Status, StatusReply> {
        let (target, path) = (linkpath, place(&targetpath)?);
        fits(&target)?;
        self.done(id, "symlink", &[&target, &path]).await
    }

    async fn extended(&mut self, id: u32, request: String, data: Vec<u8>) -> Result<Packet, StatusReply> {
        let mut data = Bytes::from(data);
        match request.as_str() {
            POSIX_RENAME => {
                let (from, to): (String, String) = de::from_bytes(&mut data).map_err(|_| StatusCode::BadMessage)?;
                self.done(id, "replace", &[&place(&from)?, &place(&to)?]).await.map(Packet::Status)
            }
            FSYNC => {
                let handle: String = de::from_bytes(&mut data).map_err(|_| StatusCode::BadMessage)?;
                let (path, which) = self.settled(&handle).await?;
                self.done(id, "sync", &[&path, &which]).await.map(Packet::Status)
            }
            STATVFS => {
                let path: String = de::from_bytes(&mut data).map_err(|_| StatusCode::BadMessage)?;
                let told = self.ask("disk", &[&place(&path)?], MOST_ANSWER).await?;
                reply(id, ser::to_bytes(&answers::disk(&told).ok_or_else(not_understood)?).ok())
            }
            LIMITS => {
                let [max_packet_len, max_read_len, max_open_handles] = [MOST_PACKET, MOST_PIECE, MOST_HANDLES].map(|most| most as u64);
                let limits = LimitsExtension { max_packet_len, max_read_len, max_write_len: max_read_len, max_open_handles };
                reply(id, ser::to_bytes(&limits).ok())
            }
            _ => Err(StatusCode::OpUnsupported.into()),
        }
    }
}

fn reply(id: u32, data: Option<Bytes>) -> Result<Packet, StatusReply> {
    let data = data.ok_or_else(|| refused("the answer is too long"))?.to_vec();
    Ok(Packet::ExtendedReply(ExtendedReply { id, data }))
}

fn done(id: u32) -> Status {
    Status { id, status_code: StatusCode::Ok, error_message: String::new(), language_tag: String::new() }
}

fn no_handle() -> StatusReply {
    refused("nothing is open under this handle")
}

fn not_understood() -> StatusReply {
    refused("the answer is not understood")
}

/// A path as the script takes it.
fn place(path: &str) -> Result<String, StatusReply> {
    fits(path)?;
    Ok(operand(path))
}

fn fits(path: &str) -> Result<(), StatusReply> {
    if path.contains('\0') {
        return Err(StatusCode::NoSuchFile.with_message("no name has a zero byte in it"));
    }
    if path.len() > MOST_PATH { Err(refused("the name is too long")) } else { Ok(()) }
}

/// A request of the script: a line, and one for each word.
fn request(what: &str, words: &[&str]) -> Vec<u8> {
    let mut lines = format!("{what} {}\n", words.len());
    for word in words {
        lines.push_str(&word.replace('\\', "\\\\").replace('\n', "\\n"));
        lines.push('\n');
    }
    lines.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_line_whatever_is_in_it() {
        assert_eq!(request("stat", &["./a b", "/x\\n\ny"]), b"stat 2\n./a b\n/x\\\\n\\ny\n");
    }

    #[test]
    fn names_that_no_system_has_are_refused() {
        assert_eq!(place("-rf").expect("a name"), "./-rf");
        assert!(place("a\0b").is_err() && place(&"x".repeat(MOST_PATH + 1)).is_err());
    }

    #[tokio::test]
    async fn what_is_said_before_is_read_past() {
        for (said, is) in
            [("beffroi-sftp server\n", Some(true)), ("welcome\n\nbeffroi-sftp none\n", Some(false)), ("beffroi-sftp", None), ("", None)]
        {
            let (mut ours, mut theirs) = duplex(100);
            tokio::io::AsyncWriteExt::write_all(&mut theirs, said.as_bytes()).await.expect("written");
            drop(theirs);
            assert_eq!(is_served(&mut ours).await, is, "{said}");
        }
        let noise = std::io::Cursor::new(vec![b'x'; 100_000]);
        assert_eq!(is_served(&mut tokio::io::join(noise, tokio::io::sink())).await, None);
    }
}
