use super::api::{OrtSession, Value};
use super::library::{Runtime, open};
use super::settings::{NativeSessionOptions, Settings};
use super::status::check;
use super::values::{Fresh, Names, Values, fresh};
use napi::bindgen_prelude::*;
use napi_derive::napi;
use std::ffi::{CStr, c_char};

/// A model that runs, with the operators of native/src/operators.
#[napi]
pub struct NativeSession {
    runtime: &'static Runtime,
    session: *mut OrtSession,
    profiles: bool,
}

#[napi]
impl NativeSession {
    /// Makes a session of a model's bytes in the library at a path, which the process opens once.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        library: String,
        model: Uint8ArraySlice,
        options: NativeSessionOptions,
    ) -> Result<Self> {
        let runtime = open(&library).map_err(Error::from_reason)?;
        let settings = Settings::of(runtime, &options).map_err(Error::from_reason)?;
        let mut session = std::ptr::null_mut();
        // SAFETY: the bytes and the settings live until the call returns; ONNX Runtime keeps neither.
        let status = unsafe {
            (runtime.api.create_session_from_array)(
                runtime.environment,
                model.as_ptr().cast(),
                model.len(),
                settings.raw,
                &mut session,
            )
        };
        check(&runtime.api, status).map_err(Error::from_reason)?;
        Ok(Self {
            runtime,
            session,
            profiles: options.profile.is_some(),
        })
    }

    /// Runs once: inputs by name, each an array with its extents; outputs by name, each with an array to write to, or null for a
    /// fresh one. Gives the fresh ones, in their places. Arrays are read and written where they are.
    #[napi(catch_unwind)]
    #[allow(clippy::too_many_arguments)] // lists of the same length cross over to JavaScript far cheaper than objects
    pub fn run<'env>(
        &self,
        env: &'env Env,
        inputs: Vec<String>,
        data: Vec<TypedArray>,
        shapes: Vec<Vec<i64>>,
        outputs: Vec<String>,
        targets: Vec<Option<TypedArray>>,
        target_shapes: Vec<Vec<i64>>,
    ) -> Result<Vec<Option<Fresh<'env>>>> {
        if self.session.is_null() {
            return Err(Error::from_reason("the session is released"));
        }
        if [data.len(), shapes.len()] != [inputs.len(); 2]
            || [targets.len(), target_shapes.len()] != [outputs.len(); 2]
        {
            return Err(Error::from_reason(
                "the lists of names, arrays and shapes are not of the same lengths",
            ));
        }
        let mut fed = Values::new(self.runtime);
        for ((name, array), shape) in inputs.iter().zip(&data).zip(&shapes) {
            fed.wrap(name, array, shape).map_err(Error::from_reason)?;
        }
        let mut fetched = Values::new(self.runtime);
        for ((name, array), shape) in outputs.iter().zip(&targets).zip(&target_shapes) {
            match array {
                Some(array) => fetched
                    .wrap(name, array, shape)
                    .map_err(Error::from_reason)?,
                None => fetched.leave(),
            }
        }
        self.call(&inputs, &fed, &outputs, &mut fetched)
            .map_err(Error::from_reason)?;
        let read = |(&value, target): (&*mut Value, &Option<TypedArray>)| match target {
            Some(_) => Ok(None),
            None => fresh(env, &self.runtime.api, value).map(Some),
        };
        fetched.raw.iter().zip(&targets).map(read).collect()
    }

    /// Bytes that its values and what kernels work in have taken at most at a time, as its arena counts them.
    #[napi(catch_unwind)]
    pub fn most_in_use(&self) -> Result<f64> {
        if self.session.is_null() {
            return Err(Error::from_reason("the session is released"));
        }
        self.statistic(c"MaxInUse").map_err(Error::from_reason)
    }

    /// Frees what the session holds, and writes its profile where it has one. It is done with then.
    #[napi(catch_unwind)]
    pub fn release(&mut self) -> Result<()> {
        let written = if self.profiles && !self.session.is_null() {
            self.end_profiling()
        } else {
            Ok(())
        };
        self.free();
        written.map_err(Error::from_reason)
    }
}

impl NativeSession {
    fn call(
        &self,
        inputs: &[String],
        fed: &Values,
        outputs: &[String],
        fetched: &mut Values,
    ) -> std::result::Result<(), String> {
        let [inputs, outputs] = [inputs, outputs].map(Names::of);
        // SAFETY: names and values live until the call returns, their lists are of the lengths that are said; JavaScript waits, so
        // its arrays stay. Outputs that are null become values of ours.
        let status = unsafe {
            (self.runtime.api.run)(
                self.session,
                std::ptr::null(),
                inputs.raw.as_ptr(),
                fed.raw.as_ptr().cast(),
                fed.raw.len(),
                outputs.raw.as_ptr(),
                outputs.raw.len(),
                fetched.raw.as_mut_ptr(),
            )
        };
        check(&self.runtime.api, status)
    }

    fn statistic(&self, key: &CStr) -> std::result::Result<f64, String> {
        let api = &self.runtime.api;
        let (mut arena, mut statistics) = (std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: the session is alive; both are made by the calls and released once, and the value is read before its list goes.
        unsafe {
            check(
                api,
                (api.create_allocator)(self.session, self.runtime.memory, &mut arena),
            )?;
            let told = check(api, (api.allocator_statistics)(arena, &mut statistics));
            (api.release_allocator)(arena);
            told?;
            let value = (api.value_of_key)(statistics, key.as_ptr());
            let number = (!value.is_null())
                .then(|| CStr::from_ptr(value).to_string_lossy().parse().ok())
                .flatten();
            (api.release_key_values)(statistics);
            number.ok_or_else(|| format!("the arena does not tell {}", key.to_string_lossy()))
        }
    }

    fn end_profiling(&self) -> std::result::Result<(), String> {
        let api = &self.runtime.api;
        let mut file: *mut c_char = std::ptr::null_mut();
        // SAFETY: the session is alive; the file's name is freed by the allocator that made it.
        unsafe {
            check(
                api,
                (api.end_profiling)(self.session, self.runtime.allocator, &mut file),
            )?;
            check(api, (api.free)(self.runtime.allocator, file.cast()))
        }
    }

    fn free(&mut self) {
        // SAFETY: null is no session, which ONNX Runtime takes; each session is released once.
        unsafe { (self.runtime.api.release_session)(self.session) };
        self.session = std::ptr::null_mut();
    }
}

impl Drop for NativeSession {
    fn drop(&mut self) {
        self.free();
    }
}
