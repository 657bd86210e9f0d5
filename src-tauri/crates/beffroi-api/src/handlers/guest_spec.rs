//! Guests by their specifications, and the images that they are made from.

use std::path::PathBuf;

use beffroi_app::{AppError, GuestError, GuestOrder, GuestOrdered, GuestPart, ImageOrder, ImageOrdered, SpecError};
use beffroi_domain::GuestDriver;

use crate::handlers::host::on;
use crate::handlers::plan;
use crate::wire::{
    GuestFinding, GuestFindingLevel, GuestImage, GuestImageImport, GuestImagePlan, GuestImageRemove, GuestImages, GuestImagesAsked,
    GuestLint, GuestLinted, GuestMake, GuestMakePlan, PlanView,
};
use crate::{Api, ApiError, ErrorCode};

impl Api {
    /// `guest_lint`
    pub async fn guest_lint(&self, request: GuestLint) -> Result<GuestLinted, ApiError> {
        let found = match self.app().lint_spec(&request.text, request.stage.as_deref().unwrap_or("dev")) {
            Ok(found) => found,
            Err(AppError::Guest(GuestError::Spec(SpecError::Faults { faults }))) => {
                let fault = |fault: &beffroi_app::SpecFault| GuestFinding {
                    line: fault.line,
                    level: GuestFindingLevel::Fault,
                    rule: "syntax".to_owned(),
                    message: (&fault.message()).into(),
                };
                return Ok(GuestLinted { findings: faults.iter().map(fault).collect() });
            }
            Err(error) => return Err(error.into()),
        };
        let findings = found.into_iter().map(|(finding, refused)| GuestFinding {
            line: 0,
            level: if refused { GuestFindingLevel::Refuse } else { GuestFindingLevel::Warn },
            rule: finding.rule.to_owned(),
            message: (&finding.message).into(),
        });
        Ok(GuestLinted { findings: findings.collect() })
    }

    /// `guest_make_plan`
    pub async fn guest_make_plan(&self, request: GuestMake) -> Result<GuestMakePlan, ApiError> {
        let part = |name: &String| {
            GuestPart::from_name(name).ok_or_else(|| ApiError::new(ErrorCode::InvalidName).with("kind", "part").with("value", name))
        };
        let order = GuestOrder {
            guest: request.guest,
            spec: request.text.map(|text| (text, PathBuf::from(request.folder.unwrap_or_default()))),
            driver: driver(request.driver)?,
            only: request.only.iter().map(part).collect::<Result<_, _>>()?,
            rebuild: request.rebuild,
            typed: request.typed,
        };
        Ok(match self.app().plan_guest(&order).await.map_err(|error| on(error, &order.guest))? {
            GuestOrdered::Same => GuestMakePlan { plan: None, sent: None },
            GuestOrdered::Plan(made, sent) => GuestMakePlan { plan: Some(plan::view(*made)), sent: Some(sent) },
        })
    }

    /// `guest_images`
    pub async fn guest_images(&self, request: GuestImagesAsked) -> Result<GuestImages, ApiError> {
        let images = self.app().guest_images(&request.host).await.map_err(|error| on(error, &request.host))?;
        let image = |image: beffroi_app::KeptImage| GuestImage {
            driver: image.driver.name().to_owned(),
            name: image.name,
            id: image.id,
            bytes: image.bytes,
        };
        Ok(GuestImages { images: images.into_iter().map(image).collect() })
    }

    /// `guest_image_import`
    pub async fn guest_image_import(&self, request: GuestImageImport) -> Result<GuestImagePlan, ApiError> {
        let order = ImageOrder {
            host: request.host,
            files: request.files.into_iter().map(PathBuf::from).collect(),
            name: request.name,
            sha256: request.sha256,
            driver: driver(request.driver)?,
            typed: request.typed,
        };
        Ok(match self.app().plan_image(&order).await.map_err(|error| on(error, &order.host))? {
            ImageOrdered::Same { name, sha256 } => GuestImagePlan { name, sha256, plan: None, sent: None, unchanged: 0 },
            ImageOrdered::Plan { plan, sent, name, sha256, unchanged } => {
                GuestImagePlan { name, sha256, plan: Some(plan::view(*plan)), sent: Some(sent), unchanged }
            }
        })
    }

    /// `guest_image_remove`
    pub async fn guest_image_remove(&self, request: GuestImageRemove) -> Result<PlanView, ApiError> {
        let made = self
            .app()
            .plan_image_removal(&request.host, &request.name, driver(request.driver)?)
            .await
            .map_err(|error| on(error, &request.host))?;
        Ok(plan::view(made))
    }
}

/// A driver by its name.
pub(super) fn driver(name: Option<String>) -> Result<Option<GuestDriver>, ApiError> {
    let read = |name: String| {
        GuestDriver::from_name(&name).ok_or_else(|| ApiError::new(ErrorCode::InvalidName).with("kind", "driver").with("value", name))
    };
    name.map(read).transpose()
}
