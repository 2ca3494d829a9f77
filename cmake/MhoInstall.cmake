# SPDX-License-Identifier: Apache-2.0
include(CMakePackageConfigHelpers)

get_property(layers GLOBAL PROPERTY MHO_LAYERS)
list(TRANSFORM layers PREPEND mho_ OUTPUT_VARIABLE layer_targets)
install(TARGETS ${layer_targets} EXPORT mho_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(layer IN LISTS layers)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/${layer}
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mho FILES_MATCHING PATTERN "*.h")
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/generated/base/version.h
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mho/base)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/data/ DESTINATION ${CMAKE_INSTALL_DATADIR}/mho)

set(config_folder ${CMAKE_INSTALL_LIBDIR}/cmake/mho)
install(EXPORT mho_targets NAMESPACE mho:: DESTINATION ${config_folder} FILE mhoTargets.cmake)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/mhoConfig.cmake.in
    ${PROJECT_BINARY_DIR}/mhoConfig.cmake INSTALL_DESTINATION ${config_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/mhoConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/mhoConfig.cmake ${PROJECT_BINARY_DIR}/mhoConfigVersion.cmake
    ${PROJECT_SOURCE_DIR}/cmake/MhoDependencies.cmake DESTINATION ${config_folder})
