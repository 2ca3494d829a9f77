# SPDX-License-Identifier: Apache-2.0
# mho_add_library(layer SOURCES ... PUBLIC ... PRIVATE ...), mho_add_tests(layer ...), warnings.

add_library(mho_build_options INTERFACE)
target_compile_features(mho_build_options INTERFACE cxx_std_20)
target_compile_options(mho_build_options INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow
    $<$<BOOL:${MHO_WARNINGS_AS_ERRORS}>:-Werror>
    # Unfused arithmetic: the same bits from every compiler and optimisation level.
    -ffp-contract=off)
if(MHO_SANITIZE)
    target_compile_options(mho_build_options INTERFACE
        -fsanitize=${MHO_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(mho_build_options INTERFACE -fsanitize=${MHO_SANITIZE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
        # GCC 12 with sanitizers sees uninitialised members inside <regex> and <functional>.
        target_compile_options(mho_build_options INTERFACE -Wno-maybe-uninitialized)
    endif()
endif()
if(MHO_COVERAGE)
    target_compile_options(mho_build_options INTERFACE --coverage)
    target_link_options(mho_build_options INTERFACE --coverage)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC 12 sees overlapping copies inside "text" + std::string (GCC bug 105651).
    target_compile_options(mho_build_options INTERFACE -Wno-restrict)
endif()

# A layer of the library: target mho_<layer>, alias mho::<layer>, headers included as "<layer>/x.h".
function(mho_add_library layer)
    cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
    add_library(mho_${layer} STATIC ${arg_SOURCES})
    add_library(mho::${layer} ALIAS mho_${layer})
    set_target_properties(mho_${layer} PROPERTIES
        EXPORT_NAME ${layer} POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS OFF)
    target_include_directories(mho_${layer} PUBLIC
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/mho>)
    target_compile_features(mho_${layer} PUBLIC cxx_std_20)
    target_link_libraries(mho_${layer} PUBLIC ${arg_PUBLIC}
        PRIVATE $<BUILD_INTERFACE:mho_build_options> ${arg_PRIVATE})
    set_property(GLOBAL APPEND PROPERTY MHO_LAYERS ${layer})
endfunction()

# A Catch2 test executable mho_test_<name>; each TEST_CASE becomes one CTest test "<name>: ...".
function(mho_add_tests name)
    cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
    add_executable(mho_test_${name} ${arg_SOURCES})
    target_link_libraries(mho_test_${name} PRIVATE
        mho_build_options mho_test_support Catch2::Catch2WithMain ${arg_LIBRARIES})
    catch_discover_tests(mho_test_${name} TEST_PREFIX "${name}: "
        DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 4)
endfunction()
