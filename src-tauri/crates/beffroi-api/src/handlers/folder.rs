//! Folders of hosts and of this machine.

use beffroi_app::FolderOrder;
use beffroi_remote::EntryKind;

use crate::handlers::host::on;
use crate::wire::{
    Done, FileKind, FilesRemoved, Folder, FolderEntry, HostFileRemove, HostFileRename, HostFiles, HostFolderMake, LocalFileRename,
    LocalFiles, LocalFolderMake, RemovalName,
};
use crate::{Api, ApiError};

impl Api {
    /// `host_files`
    pub async fn host_files(&self, request: HostFiles) -> Result<Folder, ApiError> {
        let HostFiles { host, path, root } = request;
        self.app().host_files(&host, &path, root).await.map(wire).map_err(|error| on(error, &host))
    }

    /// `host_folder_make`
    pub async fn host_folder_make(&self, request: HostFolderMake) -> Result<Done, ApiError> {
        let HostFolderMake { host, path, root, typed } = request;
        let order = FolderOrder { host, root, typed };
        self.app().make_host_folder(&order, &path).await.map_err(|error| on(error, &order.host))?;
        Ok(Done {})
    }

    /// `host_file_rename`
    pub async fn host_file_rename(&self, request: HostFileRename) -> Result<Done, ApiError> {
        let HostFileRename { host, from, to, root, typed } = request;
        let order = FolderOrder { host, root, typed };
        self.app().rename_host_file(&order, &from, &to).await.map_err(|error| on(error, &order.host))?;
        Ok(Done {})
    }

    /// `host_file_remove`
    pub async fn host_file_remove(&self, request: HostFileRemove) -> Result<FilesRemoved, ApiError> {
        let HostFileRemove { host, paths, recursive, root, typed, name } = request;
        let order = FolderOrder { host, root, typed };
        let removing = self.app().remove_host_files(&order, &paths, recursive, name.as_deref());
        let beffroi_app::FilesRemoved { removed, cancelled } = removing.await.map_err(|error| on(error, &order.host))?;
        Ok(FilesRemoved { removed, cancelled })
    }

    /// `host_file_remove_cancel`
    #[expect(clippy::unused_async, reason = "every command is asked for in the same way")]
    pub async fn host_file_remove_cancel(&self, request: RemovalName) -> Result<Done, ApiError> {
        self.app().cancel_removal(&request.name)?;
        Ok(Done {})
    }

    /// `local_files`
    pub async fn local_files(&self, request: LocalFiles) -> Result<Folder, ApiError> {
        Ok(wire(self.app().local_files(request.path.as_deref()).await?))
    }

    /// `local_folder_make`
    pub async fn local_folder_make(&self, request: LocalFolderMake) -> Result<Done, ApiError> {
        self.app().make_local_folder(&request.path).await?;
        Ok(Done {})
    }

    /// `local_file_rename`
    pub async fn local_file_rename(&self, request: LocalFileRename) -> Result<Done, ApiError> {
        self.app().rename_local_file(&request.from, &request.to).await?;
        Ok(Done {})
    }
}

fn wire(folder: beffroi_remote::Folder) -> Folder {
    let parent = folder.parent().map(str::to_owned);
    let entries = folder.entries.into_iter().map(|entry| FolderEntry {
        name: entry.name,
        usable: entry.usable,
        kind: kind(entry.kind),
        target: entry.target,
        leads: entry.leads.map(kind),
        size: entry.size,
        modified_s: entry.modified_s,
        mode: entry.mode,
        owner: entry.owner,
        group: entry.group,
    });
    Folder { path: folder.path, parent, home: folder.home, entries: entries.collect(), more: folder.more }
}

fn kind(kind: EntryKind) -> FileKind {
    match kind {
        EntryKind::File => FileKind::File,
        EntryKind::Folder => FileKind::Dir,
        EntryKind::Link => FileKind::Link,
        EntryKind::Other => FileKind::Other,
    }
}
