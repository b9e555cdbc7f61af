use super::api::{Api, Value};
use super::context::{data_of, describe};
use super::element::Element;
use super::library::Runtime;
use super::status::{check, text};
use napi::bindgen_prelude::{
    BigInt64ArraySlice, Either3, Env, Error, Float32ArraySlice, Float64ArraySlice, TypedArray,
    TypedArrayType,
};
use napi_derive::napi;
use std::ffi::{CString, c_char};

/// An output that came into memory of its own.
#[napi(object)]
pub struct Fresh<'env> {
    pub shape: Vec<i64>,
    pub data: Either3<Float32ArraySlice<'env>, BigInt64ArraySlice<'env>, Float64ArraySlice<'env>>,
}

/// A copy of a value for JavaScript, which may free its memory when it likes.
pub fn fresh<'env>(env: &'env Env, api: &Api, value: *mut Value) -> napi::Result<Fresh<'env>> {
    let (element, shape) = describe(api, value).map_err(Error::from_reason)?;
    let length = shape.iter().product();
    // SAFETY: the type and the length are those of the value, which is copied at once.
    let data = match element {
        f32::NUMBER => Either3::A(Float32ArraySlice::copy_from(env, unsafe {
            read(api, value, length)
        }?)?),
        i64::NUMBER => Either3::B(BigInt64ArraySlice::copy_from(env, unsafe {
            read(api, value, length)
        }?)?),
        f64::NUMBER => Either3::C(Float64ArraySlice::copy_from(env, unsafe {
            read(api, value, length)
        }?)?),
        other => {
            return Err(Error::from_reason(format!(
                "an output has elements of ONNX type {other}; only float32, float64 and int64 come out of a graph"
            )));
        }
    };
    Ok(Fresh {
        shape: shape.iter().map(|&extent| extent as i64).collect(),
        data,
    })
}

/// # Safety
/// The value is a tensor of this type and length, and lives as long as what is read.
unsafe fn read<'a, T: Element>(
    api: &Api,
    value: *mut Value,
    length: usize,
) -> napi::Result<&'a [T]> {
    let start = data_of::<T>(api, value).map_err(Error::from_reason)?;
    // SAFETY: as the caller says.
    Ok(unsafe { std::slice::from_raw_parts(start, length) })
}

/// Names as C takes them.
pub struct Names {
    _texts: Vec<CString>,
    pub raw: Vec<*const c_char>,
}

impl Names {
    pub fn of(names: &[String]) -> Self {
        let texts: Vec<CString> = names.iter().map(|name| text(name)).collect();
        let raw = texts.iter().map(|text| text.as_ptr()).collect();
        Self { _texts: texts, raw }
    }
}

/// ONNX Runtime's tensors of one run; null where it makes one itself. Freed with this.
pub struct Values {
    runtime: &'static Runtime,
    pub raw: Vec<*mut Value>,
}

impl Values {
    pub fn new(runtime: &'static Runtime) -> Self {
        Self {
            runtime,
            raw: Vec::new(),
        }
    }

    pub fn leave(&mut self) {
        self.raw.push(std::ptr::null_mut());
    }

    /// A tensor over an array of JavaScript's, which stays where it is until the run is over.
    pub fn wrap(&mut self, name: &str, array: &TypedArray, shape: &[i64]) -> Result<(), String> {
        let (element, size) = match array.typed_array_type {
            TypedArrayType::Float32 => (f32::NUMBER, size_of::<f32>()),
            TypedArrayType::Float64 => (f64::NUMBER, size_of::<f64>()),
            TypedArrayType::BigInt64 => (i64::NUMBER, size_of::<i64>()),
            _ => {
                return Err(format!(
                    "{name} is none of Float32Array, Float64Array and BigInt64Array"
                ));
            }
        };
        let bytes: &[u8] = &array.arraybuffer;
        if i128::from(shape.iter().product::<i64>()) != (bytes.len() / size) as i128 {
            return Err(format!(
                "{name} has {} elements, which its shape {shape:?} does not hold",
                bytes.len() / size
            ));
        }
        let start = if bytes.is_empty() {
            std::ptr::dangling_mut::<i64>().cast()
        } else {
            bytes.as_ptr().cast_mut()
        };
        let api = &self.runtime.api;
        let mut value = std::ptr::null_mut();
        // SAFETY: the memory holds the shape, as just checked, and outlives the value: JavaScript waits for the run.
        check(api, unsafe {
            (api.create_tensor)(
                self.runtime.memory,
                start.cast(),
                bytes.len(),
                shape.as_ptr(),
                shape.len(),
                element,
                &mut value,
            )
        })?;
        self.raw.push(value);
        Ok(())
    }
}

impl Drop for Values {
    fn drop(&mut self) {
        for &value in &self.raw {
            // SAFETY: made once, released once; null is none.
            unsafe { (self.runtime.api.release_value)(value) };
        }
    }
}
