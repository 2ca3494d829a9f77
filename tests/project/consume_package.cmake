# SPDX-License-Identifier: Apache-2.0
# Installs the build into a fresh prefix, then configures, builds and runs a project that only knows
# find_package(mho).
set(prefix ${MHO_BINARY_DIR}/tests/consumer/prefix)
set(build ${MHO_BINARY_DIR}/tests/consumer/build)
file(REMOVE_RECURSE ${prefix} ${build})
function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed)
    if(failed)
        message(FATAL_ERROR "failed: ${ARGN}")
    endif()
endfunction()
run(${CMAKE_COMMAND} --install ${MHO_BINARY_DIR} --prefix ${prefix})
set(flags "")
if(SANITIZE)
    set(flags -DCMAKE_CXX_FLAGS=-fsanitize=${SANITIZE})
endif()
run(${CMAKE_COMMAND} -S ${CONSUMER_DIR} -B ${build} -G ${GENERATOR}
    -DCMAKE_CXX_COMPILER=${CXX_COMPILER} -DCMAKE_PREFIX_PATH=${prefix} ${flags})
run(${CMAKE_COMMAND} --build ${build})
run(${build}/consumer)
run(${prefix}/bin/mho --version)
