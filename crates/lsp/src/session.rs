//! One editor, from its first message to its last.
//!
//! Everything happens on one thread, message by message. An audit is asked when the editor has
//! been silent for a moment, and before a question is answered that rests on it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionParams, CodeActionProviderCapability, Diagnostic,
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    HoverParams, HoverProviderCapability, InitializeParams, PublishDiagnosticsParams,
    ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions, Uri,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::action::{self, Target};
use crate::diagnostic::{self, ByFile};
use crate::shown::Shown;
use crate::{Buffers, Workspace, hover, uri};

/// How long an editor must be silent before the files are audited again.
const SILENCE: Duration = Duration::from_millis(200);

/// Files whose changes on the disk matter.
const WATCHED: &str =
    "**/{palisade.toml,*.json,*.jsonc,*.yaml,*.yml,*.tf,*.tofu,*.tfvars,*.tfstate}";

/// Why a session ended before its time.
#[derive(Debug)]
pub enum Failure {
    /// The editor didn't keep to the protocol, or is gone.
    Protocol(String),
    /// The workspace can't be opened.
    Workspace(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Protocol(text) | Self::Workspace(text)) = self;
        f.write_str(text)
    }
}

impl std::error::Error for Failure {}

fn protocol(error: impl fmt::Display) -> Failure {
    Failure::Protocol(error.to_string())
}

/// Serves an editor until it leaves. `open` gives the workspace of the folders that the editor
/// has open; there may be none.
///
/// # Errors
/// The editor doesn't keep to the protocol, or the workspace can't be opened.
pub fn serve<W: Workspace>(
    connection: &Connection,
    open: impl FnOnce(&[PathBuf]) -> Result<W, String>,
) -> Result<(), Failure> {
    let (id, parameters) = connection.initialize_start().map_err(protocol)?;
    let parameters: InitializeParams = serde_json::from_value(parameters).map_err(protocol)?;
    let result = json!({
        "capabilities": capabilities(),
        "serverInfo": { "name": "palisade", "version": env!("CARGO_PKG_VERSION") },
    });
    connection.initialize_finish(id, result).map_err(protocol)?;
    let workspace = open(&folders(&parameters)).map_err(Failure::Workspace)?;
    let wants = |pointer: &str| {
        let capabilities = serde_json::to_value(&parameters.capabilities).unwrap_or_default();
        capabilities.pointer(pointer).and_then(Value::as_bool) == Some(true)
    };
    let mut session = Session {
        connection,
        workspace: &workspace,
        queue: VecDeque::new(),
        buffers: Buffers::new(),
        open: HashMap::new(),
        shown: None,
        published: BTreeMap::new(),
        is_stale: true,
        is_versioned: wants("/workspace/workspaceEdit/documentChanges"),
        is_over: false,
    };
    if wants("/workspace/didChangeWatchedFiles/dynamicRegistration") {
        session.watch()?;
    }
    session.run()
}

fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Options(
            TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::FULL),
                save: Some(TextDocumentSyncSaveOptions::Supported(true)),
                ..TextDocumentSyncOptions::default()
            },
        )),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        })),
        ..ServerCapabilities::default()
    }
}

#[allow(deprecated, reason = "older editors say only where their root is")]
fn folders(parameters: &InitializeParams) -> Vec<PathBuf> {
    let folders = parameters.workspace_folders.iter().flatten();
    let mut uris: Vec<_> = folders.map(|folder| &folder.uri).collect();
    if uris.is_empty() {
        uris.extend(&parameters.root_uri);
    }
    let paths = uris
        .into_iter()
        .filter_map(|uri| uri::to_path(uri.as_str()));
    paths.collect()
}

/// A file that is open.
struct Open {
    uri: Uri,
    version: i32,
}

struct Session<'s> {
    connection: &'s Connection,
    workspace: &'s dyn Workspace,
    /// Messages that came while something else was done.
    queue: VecDeque<Message>,
    buffers: Buffers,
    open: HashMap<PathBuf, Open>,
    shown: Option<Shown>,
    published: BTreeMap<PathBuf, Vec<Diagnostic>>,
    /// Whether something changed since the last audit.
    is_stale: bool,
    is_versioned: bool,
    /// Whether the editor asked to shut down.
    is_over: bool,
}

impl Session<'_> {
    fn run(&mut self) -> Result<(), Failure> {
        loop {
            let message = match self.queue.pop_front() {
                Some(message) => message,
                None if self.is_stale && !self.is_over => {
                    match self.connection.receiver.recv_timeout(SILENCE) {
                        Ok(message) => message,
                        Err(error) if error.is_timeout() => {
                            self.refresh()?;
                            continue;
                        }
                        Err(error) => return Err(protocol(error)),
                    }
                }
                None => self.connection.receiver.recv().map_err(protocol)?,
            };
            self.queue.extend(self.connection.receiver.try_iter());
            match message {
                Message::Request(request) => self.answer(request)?,
                Message::Notification(told) if told.method == "exit" => {
                    let early = "the editor left without asking to shut down";
                    return self.is_over.then_some(()).ok_or_else(|| protocol(early));
                }
                Message::Notification(told) => self.note(told),
                Message::Response(_) => {}
            }
        }
    }

    /// Takes note of what changed. What can't be read is no reason to leave the editor alone.
    fn note(&mut self, told: Notification) {
        match told.method.as_str() {
            "textDocument/didOpen" => {
                if let Ok(told) = serde_json::from_value::<DidOpenTextDocumentParams>(told.params) {
                    let document = told.text_document;
                    self.keep(document.uri, document.version, document.text);
                }
            }
            "textDocument/didChange" => {
                if let Ok(told) = serde_json::from_value::<DidChangeTextDocumentParams>(told.params)
                    && let Some(change) = told.content_changes.into_iter().next_back()
                {
                    let document = told.text_document;
                    self.keep(document.uri, document.version, change.text);
                }
            }
            "textDocument/didClose" => {
                if let Ok(told) = serde_json::from_value::<DidCloseTextDocumentParams>(told.params)
                    && let Some(path) = uri::to_path(told.text_document.uri.as_str())
                {
                    self.buffers.remove(&path);
                    self.open.remove(&path);
                    self.is_stale = true;
                }
            }
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => self.is_stale = true,
            _ => {}
        }
    }

    fn keep(&mut self, uri: Uri, version: i32, text: String) {
        if let Some(path) = uri::to_path(uri.as_str()) {
            self.buffers.insert(path.clone(), text);
            self.open.insert(path, Open { uri, version });
            self.is_stale = true;
        }
    }

    fn answer(&mut self, request: Request) -> Result<(), Failure> {
        let id = request.id;
        if self.is_cancelled(&id) {
            return self.refuse(id, ErrorCode::RequestCanceled, "cancelled");
        }
        if self.is_over {
            return self.refuse(id, ErrorCode::InvalidRequest, "the server is shutting down");
        }
        match request.method.as_str() {
            "shutdown" => {
                self.is_over = true;
                self.reply(id, Value::Null)
            }
            "textDocument/hover" => self.with(id, request.params, Self::hover),
            "textDocument/codeAction" => self.with(id, request.params, Self::actions),
            other => {
                let text = format!("`{other}` isn't served");
                self.refuse(id, ErrorCode::MethodNotFound, &text)
            }
        }
    }

    /// Answers a request that rests on an audit.
    fn with<P: DeserializeOwned>(
        &mut self,
        id: RequestId,
        parameters: Value,
        answer: fn(&mut Self, RequestId, P) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match serde_json::from_value(parameters) {
            Ok(parameters) => {
                if self.is_stale {
                    self.refresh()?;
                }
                answer(self, id, parameters)
            }
            Err(error) => self.refuse(id, ErrorCode::InvalidParams, &error.to_string()),
        }
    }

    fn hover(&mut self, id: RequestId, parameters: HoverParams) -> Result<(), Failure> {
        let place = parameters.text_document_position_params;
        let file = uri::to_path(place.text_document.uri.as_str());
        let hover = file
            .zip(self.shown.as_ref())
            .and_then(|(file, shown)| hover::at(shown, &file, place.position));
        self.reply(id, hover)
    }

    fn actions(&mut self, id: RequestId, parameters: CodeActionParams) -> Result<(), Failure> {
        let file = uri::to_path(parameters.text_document.uri.as_str());
        let open = file.and_then(|file| Some((self.open.get(&file)?, file)));
        let Some(((open, file), shown)) = open.zip(self.shown.as_ref()) else {
            return self.reply(id, Value::Null);
        };
        let target = Target {
            uri: &open.uri,
            file: &file,
            version: open.version,
            is_versioned: self.is_versioned,
        };
        let (queue, connection) = (&mut self.queue, self.connection);
        let is_cancelled = || {
            queue.extend(connection.receiver.try_iter());
            cancels(queue, &id)
        };
        let actions = action::in_range(
            shown,
            self.workspace,
            &self.buffers,
            &target,
            parameters.range,
            is_cancelled,
        );
        match actions {
            Some(actions) => self.reply(id, actions),
            None => self.refuse(id, ErrorCode::RequestCanceled, "cancelled"),
        }
    }

    /// Audits the files as they are now, and publishes what is otherwise than before.
    fn refresh(&mut self) -> Result<(), Failure> {
        self.is_stale = false;
        let files = match self.workspace.audit(&self.buffers) {
            Ok(audited) => {
                let shown = Shown::of(audited, self.workspace, &self.buffers);
                let files = diagnostic::of_audit(&shown);
                self.shown = Some(shown);
                files
            }
            Err(problems) => {
                self.shown = None;
                let folder = self.workspace.folder();
                diagnostic::of_configuration(&problems, folder, |path| {
                    let open = self.buffers.get(&folder.join(path)).cloned();
                    open.or_else(|| self.workspace.text(path))
                })
            }
        };
        self.publish(files)
    }

    fn publish(&mut self, files: ByFile) -> Result<(), Failure> {
        let before = std::mem::take(&mut self.published);
        let gone = before.keys().filter(|file| !files.contains_key(*file));
        for file in gone {
            self.publish_file(file, Vec::new())?;
        }
        for (file, diagnostics) in &files {
            if before.get(file) != Some(diagnostics) {
                self.publish_file(file, diagnostics.clone())?;
            }
        }
        self.published = files;
        Ok(())
    }

    fn publish_file(&self, file: &PathBuf, diagnostics: Vec<Diagnostic>) -> Result<(), Failure> {
        let open = self.open.get(file);
        let uri = open
            .map(|open| open.uri.clone())
            .or_else(|| uri::of_path(file));
        let Some(uri) = uri else { return Ok(()) };
        let parameters = PublishDiagnosticsParams {
            uri,
            diagnostics,
            version: open.map(|open| open.version),
        };
        let method = "textDocument/publishDiagnostics".to_owned();
        self.send(Notification::new(method, parameters).into())
    }

    /// Asks the editor to tell of files that change on the disk.
    fn watch(&self) -> Result<(), Failure> {
        let parameters = json!({ "registrations": [{
            "id": "files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": [{ "globPattern": WATCHED }] },
        }] });
        let method = "client/registerCapability".to_owned();
        self.send(Request::new(RequestId::from(0), method, parameters).into())
    }

    fn is_cancelled(&self, id: &RequestId) -> bool {
        cancels(&self.queue, id)
    }

    fn reply(&self, id: RequestId, result: impl Serialize) -> Result<(), Failure> {
        self.send(Response::new_ok(id, result).into())
    }

    fn refuse(&self, id: RequestId, code: ErrorCode, why: &str) -> Result<(), Failure> {
        self.send(Response::new_err(id, code as i32, why.to_owned()).into())
    }

    fn send(&self, message: Message) -> Result<(), Failure> {
        self.connection.sender.send(message).map_err(protocol)
    }
}

/// Whether a later message takes a request back.
fn cancels(queue: &VecDeque<Message>, id: &RequestId) -> bool {
    queue.iter().any(|message| match message {
        Message::Notification(told) if told.method == "$/cancelRequest" => {
            let own = told.params.get("id").cloned();
            own.and_then(|own| serde_json::from_value(own).ok())
                .as_ref()
                == Some(id)
        }
        _ => false,
    })
}
