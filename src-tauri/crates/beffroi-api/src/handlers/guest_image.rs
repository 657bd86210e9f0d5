//! Images that are made on a host and brought from there, and the specifications that are kept for guests.

use std::path::{Path, PathBuf};

use beffroi_app::{GuestImageOrder, ImageBuild, ImageExport, KeptSpec};
use beffroi_remote::Transfer;

use crate::handlers::guest_spec::driver;
use crate::handlers::host::on;
use crate::handlers::plan;
use crate::wire::{
    Done, GuestImageBuild, GuestImageCreate, GuestImageExport, GuestImageExported, GuestMakePlan, GuestSpecAsked, GuestSpecKeep,
    GuestSpecKept,
};
use crate::{Api, ApiError};

impl Api {
    /// `guest_image_create`
    pub async fn guest_image_create(&self, request: GuestImageCreate) -> Result<GuestMakePlan, ApiError> {
        let GuestImageCreate { guest, name, snapshot, typed } = request;
        let order = GuestImageOrder { guest, snapshot, name, typed };
        let (made, sent) = self.app().plan_guest_image(&order).await.map_err(|error| on(error, &order.guest))?;
        Ok(GuestMakePlan { plan: Some(plan::view(made)), sent: Some(sent) })
    }

    /// `guest_image_build`
    pub async fn guest_image_build(&self, request: GuestImageBuild) -> Result<GuestMakePlan, ApiError> {
        let GuestImageBuild { host, name, suite, mirror, packages, keyring, unsigned, driver: by, typed } = request;
        let order = ImageBuild { host, name, suite, mirror, packages, keyring, unsigned, driver: driver(by)?, typed };
        let (made, sent) = self.app().plan_image_build(&order).await.map_err(|error| on(error, &order.host))?;
        Ok(GuestMakePlan { plan: Some(plan::view(made)), sent: Some(sent) })
    }

    /// `guest_image_export`
    pub async fn guest_image_export(&self, request: GuestImageExport) -> Result<GuestImageExported, ApiError> {
        self.guest_image_export_with(request, &mut |_| {}).await
    }

    /// The same, telling this process how far it is.
    ///
    /// # Errors
    /// Those of `guest_image_export`.
    pub async fn guest_image_export_with(
        &self,
        request: GuestImageExport,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<GuestImageExported, ApiError> {
        let GuestImageExport { host, name, driver: whose, file, copy } = request;
        let order = ImageExport { host, name, driver: driver(whose)?, file: PathBuf::from(file), copy };
        let exported = self.app().export_image(&order, progress).await.map_err(|error| on(error, &order.host))?;
        let files = exported.files.iter().map(|file| file.display().to_string()).collect();
        Ok(GuestImageExported { files, bytes: exported.bytes, sha256: exported.sha256 })
    }

    /// `guest_spec`
    pub async fn guest_spec(&self, request: GuestSpecAsked) -> Result<GuestSpecKept, ApiError> {
        self.app().kept_spec(&request.guest).await.map(kept).map_err(|error| on(error, &request.guest))
    }

    /// `guest_spec_keep`
    pub async fn guest_spec_keep(&self, request: GuestSpecKeep) -> Result<GuestSpecKept, ApiError> {
        let by = driver(request.driver)?;
        let keeping = self.app().keep_spec(&request.guest, &request.text, Path::new(&request.folder), by);
        keeping.await.map(kept).map_err(|error| on(error, &request.guest))
    }

    /// `guest_spec_forget`
    pub async fn guest_spec_forget(&self, request: GuestSpecAsked) -> Result<Done, ApiError> {
        self.app().forget_spec(&request.guest).await.map_err(|error| on(error, &request.guest))?;
        Ok(Done {})
    }
}

fn kept(spec: KeptSpec) -> GuestSpecKept {
    GuestSpecKept {
        guest: spec.guest,
        stage: spec.stage,
        driver: spec.driver.map(|driver| driver.name().to_owned()),
        text: spec.text,
        folder: spec.folder.display().to_string(),
        at_ms: spec.at_ms,
    }
}
