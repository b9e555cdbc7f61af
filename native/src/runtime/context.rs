use super::api::{Api, KernelContext, Value};
use super::element::Element;
use super::library::runtime;
use super::pool::SessionPool;
use super::status::check;
use super::workspace::Workspace;
use crate::parallel::Parallel;
use std::cell::RefCell;
use std::ffi::c_void;

/// What an operator computes with: its inputs, its outputs and threads.
pub struct Context<'a> {
    api: &'a Api,
    raw: *mut KernelContext,
    pool: SessionPool<'a>,
    given: RefCell<Vec<usize>>,
}

/// A tensor that is read: its extents, and its values in row-major order.
pub struct View<'a, T> {
    pub shape: Vec<usize>,
    pub data: &'a [T],
}

impl<T> View<'_, T> {
    /// Its rows and columns. An error where it is no matrix.
    pub fn matrix(&self) -> Result<[usize; 2], String> {
        <[usize; 2]>::try_from(self.shape.as_slice())
            .map_err(|_| format!("the shape {:?} is no matrix's", self.shape))
    }
}

impl<'a> Context<'a> {
    /// # Safety
    /// `raw` is ONNX Runtime's context of an operator that computes, for as long as this lives.
    pub(super) unsafe fn new(api: &'a Api, raw: *mut KernelContext) -> Self {
        Self {
            api,
            raw,
            pool: SessionPool { api, context: raw },
            given: RefCell::default(),
        }
    }

    pub fn parallel(&self) -> &dyn Parallel {
        &self.pool
    }

    /// Memory of the session's for the time of the computation.
    pub fn workspace(&self, length: usize) -> Result<Workspace<'_>, String> {
        let memory = runtime().ok_or("no session is open")?.memory;
        // SAFETY: `raw` is alive, as `new` demands, and the runtime stays as long as the process.
        unsafe { Workspace::take(self.api, self.raw, memory, length) }
    }

    /// How many inputs the node has, left-out ones among them.
    pub fn input_count(&self) -> Result<usize, String> {
        let mut count = 0;
        // SAFETY: `raw` is alive, as `new` demands; so in all calls below.
        check(self.api, unsafe {
            (self.api.input_count)(self.raw, &mut count)
        })?;
        Ok(count)
    }

    pub fn input<T: Element>(&self, at: usize) -> Result<View<'_, T>, String> {
        self.optional_input(at)?
            .ok_or_else(|| format!("input {at} is missing"))
    }

    /// None where the node leaves it out.
    pub fn optional_input<T: Element>(&self, at: usize) -> Result<Option<View<'_, T>>, String> {
        if at >= self.input_count()? {
            return Ok(None);
        }
        let mut value: *const Value = std::ptr::null();
        check(self.api, unsafe {
            (self.api.input)(self.raw, at, &mut value)
        })?;
        if value.is_null() {
            return Ok(None);
        }
        let (element, shape) = describe(self.api, value)?;
        if element != T::NUMBER {
            return Err(format!("input {at} is not of {}", T::NAME));
        }
        // SAFETY: the value is a tensor of T with this shape, and inputs stay as they are while the operator computes.
        let data = unsafe {
            let length = shape.iter().product::<usize>().div_ceil(T::VALUES);
            std::slice::from_raw_parts(data_of::<T>(self.api, value.cast_mut())?, length)
        };
        Ok(Some(View { shape, data }))
    }

    /// Whether an input's elements are of this type.
    pub fn input_is<T: Element>(&self, at: usize) -> Result<bool, String> {
        let mut value: *const Value = std::ptr::null();
        check(self.api, unsafe {
            (self.api.input)(self.raw, at, &mut value)
        })?;
        Ok(!value.is_null() && describe(self.api, value)?.0 == T::NUMBER)
    }

    /// The place of an output of this shape, with whatever stood in the memory before. Each output is taken once.
    pub fn output<T: Element>(&self, at: usize, shape: &[usize]) -> Result<&mut [T], String> {
        self.optional_output(at, shape)?
            .ok_or_else(|| format!("output {at} is missing"))
    }

    /// None where nobody reads it and the node leaves it out.
    // Each output is another piece of memory, and is handed out once: no two of these slices overlap.
    #[allow(clippy::mut_from_ref)]
    pub fn optional_output<T: Element>(
        &self,
        at: usize,
        shape: &[usize],
    ) -> Result<Option<&mut [T]>, String> {
        if self.given.borrow().contains(&at) {
            return Err(format!("output {at} is taken twice"));
        }
        let extents: Vec<i64> = shape.iter().map(|&extent| extent as i64).collect();
        let mut value: *mut Value = std::ptr::null_mut();
        check(self.api, unsafe {
            (self.api.output)(self.raw, at, extents.as_ptr(), extents.len(), &mut value)
        })?;
        if value.is_null() {
            return Ok(None);
        }
        if describe(self.api, value)?.0 != T::NUMBER {
            return Err(format!("output {at} is not of {}", T::NAME));
        }
        self.given.borrow_mut().push(at);
        // SAFETY: the value is a tensor of T with this shape, and nobody else has it until the operator has computed.
        Ok(Some(unsafe {
            let length = shape.iter().product::<usize>().div_ceil(T::VALUES);
            std::slice::from_raw_parts_mut(data_of::<T>(self.api, value)?, length)
        }))
    }
}

/// The number of a tensor's element type, and its shape.
pub fn describe(api: &Api, value: *const Value) -> Result<(i32, Vec<usize>), String> {
    let mut info = std::ptr::null_mut();
    let mut element = 0;
    let mut rank = 0usize;
    let mut extents = Vec::new();
    // SAFETY: the caller has the value from ONNX Runtime; what is made here is released here, whatever happens between.
    unsafe {
        check(api, (api.tensor_info)(value, &mut info))?;
        let read = check(api, (api.element_type)(info, &mut element))
            .and_then(|()| check(api, (api.rank)(info, &mut rank)))
            .and_then(|()| {
                extents.resize(rank, 0i64);
                check(api, (api.dimensions)(info, extents.as_mut_ptr(), rank))
            });
        (api.release_tensor_info)(info);
        read?;
    }
    let shape = extents.iter().map(|&extent| extent as usize).collect();
    Ok((element, shape))
}

/// Where a tensor's values are: never null, also where it has none.
pub fn data_of<T>(api: &Api, value: *mut Value) -> Result<*mut T, String> {
    let mut data: *mut c_void = std::ptr::null_mut();
    // SAFETY: the caller has the value from ONNX Runtime, and it is a tensor.
    check(api, unsafe { (api.tensor_data)(value, &mut data) })?;
    Ok(if data.is_null() {
        std::ptr::dangling_mut()
    } else {
        data.cast()
    })
}
