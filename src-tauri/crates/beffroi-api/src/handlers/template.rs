//! Templates of secrets.

use crate::wire::{Done, Nothing, SecretTemplate, TemplateField, TemplateList, TemplateName, TemplatePlace, TemplateSet};
use crate::{Api, ApiError};

impl Api {
    /// `template_list`
    pub async fn template_list(&self, _: Nothing) -> Result<TemplateList, ApiError> {
        Ok(TemplateList { templates: self.app().secret_templates().await?.into_iter().map(wire).collect() })
    }

    /// `template_set`
    pub async fn template_set(&self, request: TemplateSet) -> Result<SecretTemplate, ApiError> {
        let fields = request.fields.into_iter().map(|field| beffroi_app::TemplateField { place: domain(field.place), name: field.name });
        Ok(wire(self.app().set_secret_template(&request.name, fields.collect()).await?))
    }

    /// `template_remove`
    pub async fn template_remove(&self, request: TemplateName) -> Result<Done, ApiError> {
        self.app().remove_secret_template(&request.name).await?;
        Ok(Done {})
    }
}

fn wire(template: beffroi_app::SecretTemplate) -> SecretTemplate {
    let field = |field: beffroi_app::TemplateField| TemplateField {
        place: match field.place {
            beffroi_app::TemplatePlace::Account => TemplatePlace::Account,
            beffroi_app::TemplatePlace::Address => TemplatePlace::Address,
            beffroi_app::TemplatePlace::OneTime => TemplatePlace::OneTime,
            beffroi_app::TemplatePlace::Expires => TemplatePlace::Expires,
            beffroi_app::TemplatePlace::Field => TemplatePlace::Field,
            beffroi_app::TemplatePlace::Hidden => TemplatePlace::Hidden,
        },
        name: field.name,
    };
    SecretTemplate { name: template.name, own: template.own, fields: template.fields.into_iter().map(field).collect() }
}

fn domain(place: TemplatePlace) -> beffroi_app::TemplatePlace {
    match place {
        TemplatePlace::Account => beffroi_app::TemplatePlace::Account,
        TemplatePlace::Address => beffroi_app::TemplatePlace::Address,
        TemplatePlace::OneTime => beffroi_app::TemplatePlace::OneTime,
        TemplatePlace::Expires => beffroi_app::TemplatePlace::Expires,
        TemplatePlace::Field => beffroi_app::TemplatePlace::Field,
        TemplatePlace::Hidden => beffroi_app::TemplatePlace::Hidden,
    }
}
